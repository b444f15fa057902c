"""Which build answers, and since when: what tells a new instance from the one before it."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

from petsage import __version__


def _release() -> str:
    return os.environ.get("PETSAGE_RELEASE", "")


def _boot_id() -> str:
    return os.urandom(16).hex()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One life of the process: `release` is `PETSAGE_RELEASE` of the environment, `boot_id` 32 hex digits."""

    service: str = "petsage"
    version: str = __version__
    release: str = field(default_factory=_release)
    boot_id: str = field(default_factory=_boot_id)
    started: datetime = field(default_factory=_now)
