"""`file`: a file that exists and was modified recently, such as the heartbeat of a worker."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.errors import translate_file_errors
from petsage.checks.sdk.settings import FilePath, KindSchema
from petsage.fields import Duration, format_duration

external = False
component_type = "system"


@dataclass
class _Observation:
    """State of the file at the last run.

    Attributes:
        modified: The time stamp of the file, in nanoseconds.
        since: When it was modified, by the monotonic clock, in seconds.
        observed_at: When the last run was, by the monotonic clock, in seconds.
    """

    modified: int = -1
    since: float = 0.0
    observed_at: float = -math.inf


@dataclass(frozen=True, kw_only=True)
class File:
    """Holds when `path` exists and was modified less than `younger_than` seconds ago.

    The wall clock dates a modification that is new to the check, no earlier than its last run; after that only the
    monotonic clock is used, so that a step of the wall clock makes a file neither older nor younger.
    """

    path: Path
    younger_than: float | None = None
    _last: _Observation = field(default_factory=_Observation, init=False, repr=False, compare=False)

    def run(self) -> Mapping[str, object]:
        """Read the file's time stamp; this blocks for as long as a network file system does not answer."""
        age = self._age(_modified(self.path))
        if self.younger_than is not None and age >= self.younger_than:
            text = f"{self.path} is {age:.0f} s old, not younger than {format_duration(self.younger_than)}"
            raise CheckFailed(text, code=Code.OLD)
        return {"age_s": round(age, 1)}

    def _age(self, modified: int) -> float:
        last, now = self._last, time.monotonic()
        if modified != last.modified:
            by_wall_clock = now - max(0.0, time.time() - modified / 1e9)
            last.modified, last.since = modified, max(by_wall_clock, last.observed_at)
        last.observed_at = now
        return now - last.since


def _modified(path: Path) -> int:
    with translate_file_errors(path):
        return path.stat().st_mtime_ns


class FileSchema(KindSchema):
    """Settings of `file`."""

    check_class = File

    path = FilePath(required=True)
    younger_than = Duration()


schema = FileSchema()
