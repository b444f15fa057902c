"""A ref stands in a withheld error, and in the log line that has the whole of it."""

import os

REF_LENGTH = 8


def new_ref() -> str:
    """Return 8 hex digits that nobody can foresee."""
    return os.urandom(REF_LENGTH // 2).hex()
