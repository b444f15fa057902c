"""How many connections there may be: fewer than the descriptors that the system lets this process have."""

import resource
from pathlib import Path

RESERVE_MIN = 32
"""Descriptors that are left for checks, logs and files, at the least."""

RESERVE_MAX = 256
BATCH = 16
"""Connections that are accepted at one go, before those that give way to them are closed."""


def connection_limit(wanted: int) -> int:
    """Return `wanted`, or as many connections as the descriptor limit leaves room for, at least one."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, room(allowed, _descriptors_in_use())))


def room(allowed: int, used: int) -> int:
    """Return what is left of `allowed` descriptors; a quarter is kept for others, 32 at the least, 256 at the most."""
    return allowed - used - BATCH - min(max(RESERVE_MIN, allowed // 4), RESERVE_MAX)


def _descriptors_in_use() -> int:
    try:
        return sum(1 for _ in Path("/dev/fd").iterdir())
    except OSError:
        return RESERVE_MIN
