"""PostgreSQL's errors, and what they mean for a check.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from collections.abc import Mapping

from petsage.checks.model import CheckFailed, Code
from petsage.text import first_line

_CANNOT_CONNECT_NOW = "57P03"
_TEXTS = {"53300": "too many connections", "28P01": "wrong password", "28000": "not let in"}
_CODES: Mapping[str, Code] = {
    "28P01": Code.LOGIN,
    "28000": Code.LOGIN,
    "3D000": Code.LOGIN,
    "42501": Code.DENIED,
    "25006": Code.READ_ONLY,
    "53100": Code.FULL,
    "53200": Code.FULL,
    "53300": Code.FULL,
    "55P03": Code.TIMEOUT,
    "57014": Code.TIMEOUT,
    "57P01": Code.STOPPING,
    "57P02": Code.STOPPING,
    "0A000": Code.CONTENT,
    "08P01": Code.PROTOCOL,
}
_SHOWN_ALONE = {"53300"}


def server_failure(state: str, message: str) -> CheckFailed:
    """Return the failure for an error, by its SQLSTATE and message."""
    line = first_line(message)
    if state == _CANNOT_CONNECT_NOW:
        return _unavailable(message, line)
    if state in _SHOWN_ALONE:
        return CheckFailed(_TEXTS[state], code=_CODES[state])
    what = _TEXTS.get(state, f"error {first_line(state, 5)}")
    return CheckFailed(f"{what}: {line}", code=_CODES.get(state, Code.CONTENT))


def _unavailable(message: str, line: str) -> CheckFailed:
    """Return the failure for a server that starts or stops: both have the same SQLSTATE, and differ in the text only.

    A server that translates its messages is reported as starting.
    """
    if "shutting down" in message:
        return CheckFailed(f"shutting down: {line}", code=Code.STOPPING)
    return CheckFailed(f"starting up: {line}", code=Code.STARTING)
