"""Detection of exceptions that a signal handler raised while other code was running."""

import dis
import signal
from collections.abc import Iterator
from types import CodeType, TracebackType
from typing import Any

_RAISES = frozenset(dis.opmap[name] for name in ("RAISE_VARARGS", "RERAISE"))
_TRACEBACK = BaseException.__dict__["__traceback__"].__get__


def is_of_signal(error: BaseException) -> bool:
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
