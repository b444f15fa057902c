"""Identity of the service: which build of it runs, and since when."""

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
    """Identity of one process: `release` is from PETSAGE_RELEASE, and `boot_id` are 32 random hex digits."""

    service: str = "petsage"
    version: str = __version__
    release: str = field(default_factory=_release)
    boot_id: str = field(default_factory=_boot_id)
    started: datetime = field(default_factory=_now)
