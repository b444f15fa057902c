"""Imports marshmallow without compiling what takes four fifths of that import: the domain names of its `Email`.

For a process that is PetSage's own, before anything else imports marshmallow. The pattern is compiled when an address
is first validated.
"""

import re
from typing import Any


class _Later:
    """A pattern that is compiled when it is first used."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked of every member when a class is made
            raise AttributeError(name)
        return getattr(re.compile(self._pattern, self._flags), name)


def _import_marshmallow() -> None:
    at_once = re.compile

    def compiled(pattern: Any, flags: int = 0) -> Any:
        return _Later(pattern, flags) if flags & re.IGNORECASE else at_once(pattern, flags)

    vars(re)["compile"] = compiled
    try:
        import marshmallow.validate  # noqa: F401, PLC0415 (the import is the purpose)
    finally:
        vars(re)["compile"] = at_once


_import_marshmallow()
