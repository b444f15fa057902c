"""The code of a check's state."""

import re
from typing import Any

from petsage.checks import Status
from tests.integration.truth.table import PASS

FROM_CODES = True
"""Whether all kinds give codes; until then the key words of their reasons are looked at."""

# In this order.
_WORDS = {
    "certificate": "the certificate",
    "tls": "does not speak TLS|TLS failed|does not offer TLS",
    "starting": "^starting up",
    "stopping": "^shutting down",
    "full": r"too many connections|max number of clients|% free|inodes",
    "login": "wrong password|not let in|asks for a password",
    "timeout": "^timed out|^hung for",
    "refused": "connection refused",
    "unresolved": "does not resolve",
    "reset": "connection reset",
    "protocol": "is not an? .* server|not HTTP",
    "content": "greets with",
    "closed": "closed the connection|broke off",
    "status": r"^answered \d|exited with",
    "read_only": "read-only",
    "old": "s old",
    "missing": "does not exist|no such",
    "stale": "^stale$",
}


def found(state: Any) -> str:
    """Return `pass`, `warn` or `pending`, or the code of what fails."""
    if state.status is not Status.FAIL:
        return PASS if state.status is Status.PASS else str(state.status)
    return str(getattr(state, "code", None)) if FROM_CODES else _code(state.reason or "")


def _code(reason: str) -> str:
    return next((code for code, words in _WORDS.items() if re.search(words, reason)), f"no code: {reason}")
