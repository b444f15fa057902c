"""What a check is, and the words and codes of its results."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Code(StrEnum):
    """What kind of trouble a check met; a check that passes has none.

    The first group is for the authors of checks, who give one to `CheckFailed` and `CheckWarning`. The second is what
    PetSage itself finds out about a run, a feature or a name.
    """

    REFUSED = "refused"
    """Nobody listens there, or whoever does refuses every connection."""
    UNRESOLVED = "unresolved"
    """The name has no address, or the name server does not answer."""
    UNREACHABLE = "unreachable"
    """There is no way to the address, or connecting is forbidden here."""
    TIMEOUT = "timeout"
    """No answer, or no end of it, in time."""
    RESET = "reset"
    """The peer reset the connection."""
    CLOSED = "closed"
    """The peer closed the connection before its answer was complete."""
    TLS = "tls"
    """The TLS handshake failed, or one side speaks TLS and the other does not."""
    CERTIFICATE = "certificate"
    """The peer's certificate is not trusted, not valid now, or for another name."""
    PROTOCOL = "protocol"
    """What answers speaks another protocol, or speaks this one wrongly."""
    LOGIN = "login"
    """User, password or database are refused, or are wanted and missing."""
    FULL = "full"
    """The peer has no connection left, or there is no space left."""
    STARTING = "starting"
    """The peer is there and not ready yet."""
    STOPPING = "stopping"
    """The peer is about to leave."""
    STATUS = "status"
    """The answer has another status, or the program another exit status, than expected."""
    CONTENT = "content"
    """The answer is not the expected one, or its query failed."""
    MISSING = "missing"
    """What is asked about is not there."""
    DENIED = "denied"
    """It is there, and may not be used."""
    READ_ONLY = "read_only"
    """It can be read and not be written."""
    THRESHOLD = "threshold"
    """A measurement is beyond its limit."""
    OLD = "old"
    """What is there is too old."""
    LOCAL = "local"
    """Something is missing on this side, such as a driver or a file descriptor."""
    FAILED = "failed"
    """A check failed, and said nothing more precise."""
    WARNING = "warning"
    """A check warned, and said nothing more precise."""

    HUNG = "hung"
    """The run goes on in spite of its timeout; the next one cannot begin."""
    BLOCKED = "blocked"
    """The check blocked the event loop."""
    RAISED = "raised"
    """The check raised something else than `CheckFailed` or `CheckWarning`."""
    RETURNED = "returned"
    """The check returned `False`, or something that says nothing."""
    CANCELLED = "cancelled"
    """The run was cancelled by the check itself, or by somebody else in this process."""
    STALE = "stale"
    """No result came in time."""
    QUARANTINED = "quarantined"
    """A feature is not served."""
    DRAINING = "draining"
    """This server is about to leave."""
    UNKNOWN = "unknown"
    """No check has the name that was asked for."""


def known_code(code: object, otherwise: Code) -> Code:
    """Return the code, which may be written as a text; for what is none, `otherwise`."""
    try:
        return Code(code) if isinstance(code, str) else otherwise
    except ValueError:
        return otherwise


FEATURES, SHUTDOWN = "features", "shutdown"
"""The names of the built-in checks: all required features are served, and no shutdown has begun."""

BUILTIN_CHECKS = frozenset({FEATURES, SHUTDOWN})

Observations = Mapping[str, object]


class Status(StrEnum):
    """How something stands, in the words of draft-inadarei-api-health-check-06 section 3.1, and `pending`."""

    PASS = "pass"  # noqa: S105 (a status, not a password)
    WARN = "warn"
    FAIL = "fail"
    PENDING = "pending"


class Probe(StrEnum):
    """The questions that are asked from outside, named as Kubernetes names them."""

    LIVE = "live"
    READY = "ready"
    STARTUP = "startup"


class Severity(StrEnum):
    """What a failing check does to its probes: `critical` turns them `fail`, `degraded` turns them `warn`."""

    CRITICAL = "critical"
    DEGRADED = "degraded"


class CheckFailed(Exception):  # noqa: N818 (a public word: the check failed)
    """What is stated does not hold; the text is public, and so is `code`, for programs."""

    code: Code | str = Code.FAILED

    def __init__(self, *text: object, code: Code | str | None = None) -> None:
        super().__init__(*text)
        if code is not None:
            self.code = code


class CheckWarning(Exception):  # noqa: N818 (a public word)
    """What is stated holds, but barely; the text is public, and so is `code`, for programs."""

    code: Code | str = Code.WARNING

    def __init__(self, *text: object, code: Code | str | None = None) -> None:
        super().__init__(*text)
        if code is not None:
            self.code = code


@runtime_checkable
class Check(Protocol):
    """A statement about the world that can be run.

    Returning `None`, `True` or observations such as `{"latency_ms": 3.1}` means that it holds; returning `False` means
    that it does not, and anything else is a mistake in the check, which fails as well. Raising means that it does not
    hold: `CheckFailed` and `CheckWarning` carry a public reason, of anything else only the class name is public.
    """

    def run(self) -> Awaitable[Observations | bool | None] | Observations | bool | None: ...  # noqa: D102 (said above)


Runnable = Check | Callable[[], object]
"""A check, or a plain function; one that blocks (`def`, not `async def`) runs in a daemon thread of its own."""
