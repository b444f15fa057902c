"""Checks, and the vocabulary of their results: statuses, codes, probes and severities."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Code(StrEnum):
    """Machine-readable cause of a failure or warning; a check that passes has none.

    Authors of checks pass the codes of the first group to `CheckFailed` and `CheckWarning`. Those of the second are set
    by PetSage itself, for a run, a feature or a name.
    """

    REFUSED = "refused"
    """Connection refused: nothing listens at this address, or it rejects every connection."""
    UNRESOLVED = "unresolved"
    """The name has no address, or the name server does not answer."""
    UNREACHABLE = "unreachable"
    """There is no route to the address, or connecting to it is forbidden here."""
    TIMEOUT = "timeout"
    """No answer, or not all of it, within the timeout."""
    RESET = "reset"
    """The peer reset the connection."""
    CLOSED = "closed"
    """The peer closed the connection before its answer was complete."""
    TLS = "tls"
    """The TLS handshake failed, or one side speaks TLS and the other does not."""
    CERTIFICATE = "certificate"
    """The peer's certificate is not trusted, not valid now, or for another name."""
    PROTOCOL = "protocol"
    """The peer uses another protocol, or violates this one."""
    LOGIN = "login"
    """User, password or database are refused, or are required and missing."""
    FULL = "full"
    """The peer has no free connection, or there is no space left."""
    STARTING = "starting"
    """The peer is running and not ready yet."""
    STOPPING = "stopping"
    """The peer is shutting down."""
    STATUS = "status"
    """The status of the answer, or the exit status of the program, is not the expected one."""
    CONTENT = "content"
    """The content of the answer is not the expected one, or the query failed."""
    MISSING = "missing"
    """The object of the check does not exist."""
    DENIED = "denied"
    """The object of the check exists, and access to it is denied."""
    READ_ONLY = "read_only"
    """The object of the check can be read and not written."""
    THRESHOLD = "threshold"
    """A measured value is beyond its limit."""
    OLD = "old"
    """The object of the check is too old."""
    LOCAL = "local"
    """Something is missing on this side, such as a driver or a file descriptor."""
    FAILED = "failed"
    """A check failed without a more precise code."""
    WARNING = "warning"
    """A check warned without a more precise code."""

    HUNG = "hung"
    """The run continues after its timeout, so that the next one cannot begin."""
    BLOCKED = "blocked"
    """The check blocked the event loop."""
    RAISED = "raised"
    """The check raised an exception other than `CheckFailed` and `CheckWarning`."""
    RETURNED = "returned"
    """The check returned `False`, or a value that has no meaning."""
    CANCELLED = "cancelled"
    """The run was cancelled by the check itself, or by other code in this process."""
    STALE = "stale"
    """The last result is too old."""
    QUARANTINED = "quarantined"
    """A feature is not served."""
    DRAINING = "draining"
    """This server is shutting down."""
    UNKNOWN = "unknown"
    """No check has the requested name."""


def known_code(code: object, otherwise: Code) -> Code:
    """Return `code` as a Code, or `otherwise` if it is neither a Code nor the text of one."""
    try:
        return Code(code) if isinstance(code, str) else otherwise
    except ValueError:
        return otherwise


FEATURES, SHUTDOWN = "features", "shutdown"
"""The names of the built-in checks: all required features are served, and no shutdown has begun."""

BUILTIN_CHECKS = frozenset({FEATURES, SHUTDOWN})

Observations = Mapping[str, object]


class Status(StrEnum):
    """Status of a check or probe: the words of draft-inadarei-api-health-check-06 section 3.1, and `pending`."""

    PASS = "pass"  # noqa: S105 (a status, not a password)
    WARN = "warn"
    FAIL = "fail"
    PENDING = "pending"


class Probe(StrEnum):
    """The probes: liveness, readiness and startup, as in Kubernetes."""

    LIVE = "live"
    READY = "ready"
    STARTUP = "startup"


class Severity(StrEnum):
    """Effect of a failing check on its probes: `critical` makes them `fail`, `degraded` makes them `warn`."""

    CRITICAL = "critical"
    DEGRADED = "degraded"


class CheckFailed(Exception):  # noqa: N818 (a public word: the check failed)
    """Raised by a check whose statement does not hold. Clients that may see details see its text and `code`."""

    code: Code | str = Code.FAILED

    def __init__(self, *text: object, code: Code | str | None = None) -> None:
        super().__init__(*text)
        if code is not None:
            self.code = code


class CheckWarning(Exception):  # noqa: N818 (a public word)
    """Raised by a check that holds with a warning. Clients that may see details see its text and `code`."""

    code: Code | str = Code.WARNING

    def __init__(self, *text: object, code: Code | str | None = None) -> None:
        super().__init__(*text)
        if code is not None:
            self.code = code


@runtime_checkable
class Check(Protocol):
    """Condition that a run of the check tests.

    It holds if `run` returns `None`, `True` or observations such as `{"latency_ms": 3.1}`. It does not hold if `run`
    returns `False`, or anything else, which is a mistake in the check. It does not hold either if `run` raises: the
    texts of `CheckFailed` and `CheckWarning` are the reason, of any other exception only the name of its class.
    """

    def run(self) -> Awaitable[Observations | bool | None] | Observations | bool | None: ...  # noqa: D102 (documented by the class)


Runnable = Check | Callable[[], object]
"""A check or a function. A function or `run` that is not `async def` runs in a daemon thread of its own."""
