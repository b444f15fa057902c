"""Exceptions raised by signals, and foreign objects, which are read without calling methods that may raise."""

import dis
import signal
from collections.abc import Iterator
from types import CodeType, TracebackType
from typing import Any, TypeGuard, TypeVar

from petsage.text import printable

Kind = TypeVar("Kind")

_RAISES = frozenset(dis.opmap[name] for name in ("RAISE_VARARGS", "RERAISE"))
_TRACEBACK = BaseException.__dict__["__traceback__"].__get__
_GROUP_MEMBERS = BaseExceptionGroup.__dict__["exceptions"].__get__


def is_raised_by_signal(error: BaseException) -> bool:
    """Return whether a signal raised this exception, rather than the code that happened to be running.

    A handler written in Python has a frame in the traceback. Python's own handler of SIGINT has none, and raises
    between two instructions; code that raises `KeyboardInterrupt` itself does so in an instruction that raises.
    """
    if not issubclass(type(error), KeyboardInterrupt | SystemExit):
        return False
    frames = [*_frames(_TRACEBACK(error))]
    handlers = {code for number in signal.valid_signals() if (code := _code_of(signal.getsignal(number))) is not None}
    if any(frame.tb_frame.f_code in handlers for frame in frames):
        return True
    if type(error) is not KeyboardInterrupt or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return False
    last = frames[-1]
    return last.tb_frame.f_code.co_code[last.tb_lasti] not in _RAISES


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _code_of(handler: Any) -> CodeType | None:
    """Return the code of a handler written in Python: a function, a method, a partial or a callable object."""
    for inner in ("func", "__func__"):
        handler = getattr(handler, inner, handler)
    function = handler if hasattr(handler, "__code__") else type(handler).__dict__.get("__call__")
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


def class_name(thing: object) -> str:
    """Return the name of an object's class, without calling its metaclass or reading its `__class__`."""
    return printable(str.__str__(type.__dict__["__name__"].__get__(type(thing))))


def is_a(thing: object, kind: type[Kind]) -> TypeGuard[Kind]:
    """Return whether an object is an instance of `kind`, by its class alone; false if its metaclass raises."""
    try:
        return issubclass(type(thing), kind)
    except BaseException:  # noqa: BLE001 (a metaclass may raise anything)
        return False


def text_of(thing: object) -> str | None:
    """Return an object as text; None if its `__str__` fails."""
    try:
        return str.__str__(str(thing))  # a subclass of str has methods of its own
    except BaseException:  # noqa: BLE001 (it may raise anything)
        return None


def description(thing: object) -> str:
    """Return an object as text, or the name of its class if its `__str__` fails or returns an empty text."""
    return text_of(thing) or class_name(thing)


def traceback_of(error: BaseException) -> TracebackType | None:
    """Return the traceback of an exception, even if its class overrides the attribute."""
    found: TracebackType | None = _TRACEBACK(error)
    return found


def group_members(error: BaseException) -> tuple[BaseException, ...]:
    """Return the exceptions of a group; an empty tuple for any other exception."""
    members: tuple[BaseException, ...] = _GROUP_MEMBERS(error) if is_a(error, BaseExceptionGroup) else ()
    return members
