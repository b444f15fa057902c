"""Words for what a result is about, for programs: a reason may be reworded, a code may not."""

from enum import StrEnum


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
