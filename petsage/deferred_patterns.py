"""Deferred compilation: regular expressions of libraries are compiled after the server has started.

The patterns of two modules take a fifth of the instructions until the first answer, and the server uses none of them.
Inside `deferring()` these modules are executed with an `re` of their own, whose `compile` leaves a descriptor that
compiles the pattern when it is first read: reading the attribute always returns a `re.Pattern`. No other module, and
not `re` itself, is changed.

`compile_deferred` replaces the descriptors by their patterns. It is called before features and kinds of others are
imported, so only a server without any starts faster; otherwise soon after the start.
"""

import re
import sys
import threading
from collections import UserDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

_MODULES = frozenset({"marshmallow.validate", "yaml.reader"})
_DELAY = 1.0
"""Seconds from the start of the server until the patterns are compiled: the first requests come before them."""

_waiting: "list[_Deferred]" = []


@contextmanager
def deferring() -> Iterator[None]:
    """Defer the patterns of modules that are imported in the block; those that were imported before are not touched."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def compile_deferred() -> None:
    """Compile what was deferred, and put it in place; may be called from any thread, and repeatedly."""
    for deferred in [*_waiting]:
        deferred.put_in_place()
    _waiting.clear()


def compile_deferred_soon() -> None:
    """Call `compile_deferred` from a daemon thread, once the server has had time for its first requests."""
    if _waiting:
        timer = threading.Timer(_DELAY, compile_deferred)
        timer.daemon = True
        timer.start()


class _Deferred:
    """Descriptor of a class attribute that is replaced by a pattern when it is first read."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self._pattern = pattern
        self._flags = flags
        self.places: list[tuple[type, str]] = []

    def __set_name__(self, owner: type, name: str) -> None:
        self.places.append((owner, name))

    def __get__(self, _instance: object, _owner: type) -> re.Pattern[Any]:
        return self.put_in_place()

    def put_in_place(self) -> re.Pattern[Any]:
        """Return the pattern, after replacing this descriptor by it."""
        compiled = re.compile(self._pattern, self._flags)
        for owner, name in self.places:
            if vars(owner).get(name) is self:
                setattr(owner, name, compiled)
        return compiled


class _Finder:
    """Finder of the modules whose patterns are deferred."""

    def find_spec(self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec that is found without this finder, with another loader."""
        spec = PathFinder.find_spec(name, path) if name in _MODULES else None
        if spec is None or type(spec.loader) is not SourceFileLoader:
            return None
        spec.loader = _Loader(name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """Loader that defers the patterns of a module, and leaves the module as its ordinary loader would."""

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module; in the ordinary way if any of its patterns is not simply an attribute of a class."""
        ordinary = SourceFileLoader(self.name, self.path)
        deferred = self._execute(module)
        if deferred is None:
            ordinary.exec_module(module)
        _waiting.extend(deferred or ())
        module.__loader__ = ordinary
        if module.__spec__ is not None:
            module.__spec__.loader = ordinary

    def _execute(self, module: ModuleType) -> list[_Deferred] | None:
        code, substitute = self.get_code(self.name), _Re()
        try:
            exec(code, vars(module), _Names(module, substitute))  # type: ignore[arg-type]  # noqa: S102 (as a loader does)
        except Exception:  # noqa: BLE001 (the ordinary loader raises it again if it is the module's own)
            return None
        finally:
            vars(module)["re"] = re
        return substitute.deferred if all(deferred.places for deferred in substitute.deferred) else None


class _Re:
    """The module `re`, with a `compile` that defers."""

    def __init__(self) -> None:
        self.deferred: list[_Deferred] = []

    def compile(self, pattern: Any, flags: int = 0) -> _Deferred:
        """Return a pattern that is compiled later."""
        self.deferred.append(_Deferred(pattern, flags))
        return self.deferred[-1]

    def __getattr__(self, name: str) -> Any:
        return getattr(re, name)


class _Names(UserDict[str, Any]):
    """Global names of a module, of which `re` is another object while the module is executed."""

    def __init__(self, module: ModuleType, substitute: _Re) -> None:
        super().__init__()
        self.data = vars(module)
        self._substitute = substitute

    def __setitem__(self, name: str, value: Any) -> None:
        self.data[name] = self._substitute if value is re else value
