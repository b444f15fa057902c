"""A start that does not do what is not needed yet; for a process that is PetSage's own, before anything else.

Importing this stops the garbage collector until `settle`, and imports libraries that compile dozens of patterns while
they are imported. Here a pattern of theirs is compiled when it is first used, which most never are: the domain names of
marshmallow's `Email` alone take four fifths of its import.
"""

import gc
import re
import sys
from typing import Any

_LATE = {"http", "importlib", "logging", "marshmallow", "platform", "yaml"}
"""Packages that use their patterns by the methods of these, and hand them to no function of `re`, which would not know
them; `importlib` stands for dependency-injector, which is compiled and has no frame of its own."""

_at_once = re.compile


class _Later:
    """A pattern that is compiled when it is first used."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self._pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked of every member when a class is made
            raise AttributeError(name)
        value = vars(self)[name] = getattr(_at_once(self._pattern, self._flags), name)
        return value


def settle() -> None:
    """Begin to collect garbage; what stands by now, and will stand to the end, is never looked at again."""
    gc.freeze()
    gc.enable()


def _compile(pattern: Any, flags: int = 0) -> Any:
    asking = sys._getframe(1).f_globals["__name__"].partition(".")[0]  # noqa: SLF001 (documented, for CPython)
    return (_Later if asking in _LATE else _at_once)(pattern, flags)


def _import_all() -> None:
    vars(re)["compile"] = _compile
    try:
        import http.cookies  # noqa: F401, PLC0415 (the import is the purpose)
        import logging  # noqa: F401, PLC0415 (the same)
        import platform  # noqa: F401, PLC0415 (the same)

        import dependency_injector.containers  # noqa: F401, PLC0415 (the same)
        import marshmallow.validate  # noqa: F401, PLC0415 (the same)
        import yaml  # noqa: F401, PLC0415 (the same)
    finally:
        vars(re)["compile"] = _at_once


gc.disable()
_import_all()
