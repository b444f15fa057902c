"""A start that does not do what is not needed yet; for a process that is PetSage's own, before anything else.

Importing this stops the garbage collector until `settle`, and imports the three libraries that compile dozens of
patterns while they are imported. Here a pattern is compiled when it is first used, which most never are: the domain
names of marshmallow's `Email` alone take four fifths of its import.
"""

import gc
import re
from typing import Any

_at_once = re.compile


class _Later:
    """A pattern that is compiled when it is first used."""

    def __init__(self, pattern: Any, flags: int = 0) -> None:
        self._pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked of every member when a class is made
            raise AttributeError(name)
        return getattr(_at_once(self._pattern, self._flags), name)


def settle() -> None:
    """Begin to collect garbage; what stands by now, and will stand to the end, is never looked at again."""
    gc.freeze()
    gc.enable()


def _import_all() -> None:
    vars(re)["compile"] = _Later
    try:
        import dependency_injector.containers  # noqa: F401, PLC0415 (the import is the purpose)
        import marshmallow.validate  # noqa: F401, PLC0415 (the same)
        import yaml  # noqa: F401, PLC0415 (the same)
    finally:
        vars(re)["compile"] = _at_once


gc.disable()
_import_all()
