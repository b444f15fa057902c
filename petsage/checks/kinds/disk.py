"""`disk`: a file system with enough free space."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields

from petsage.checks.model import CheckFailed, CheckWarning, Code
from petsage.checks.sdk.errors import translate_file_errors
from petsage.checks.sdk.settings import FilePath, KindSchema
from petsage.fields import Size, format_size

external = False
component_type = "system"

_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?%", re.ASCII)
_PERCENT_TOTAL = 100.0


@dataclass(frozen=True)
class Threshold:
    """A share of a file system in percent, or a number of bytes."""

    percent: float | None = None
    size: int = 0

    def of(self, total: int) -> float:
        """Return the threshold in bytes, for a file system of `total` bytes."""
        return self.size if self.percent is None else total * self.percent / _PERCENT_TOTAL

    def __str__(self) -> str:
        return format_size(self.size) if self.percent is None else f"{self.percent:g}%"


@dataclass(frozen=True, kw_only=True)
class Disk:
    """Holds when the file system of `path` is writable, with at least `warn_below` free for unprivileged processes.

    A threshold in percent counts for inodes as well, where a file system has a fixed number of them; with one in bytes,
    at least one inode must be left. `read_only` says that the file system is meant to be read-only.
    """

    path: Path
    warn_below: Threshold = Threshold(percent=10)
    fail_below: Threshold = Threshold(percent=5)
    read_only: bool = False

    def run(self) -> Mapping[str, object]:
        """Read the file system's statistics; this blocks for as long as a network file system does not answer."""
        found = _statvfs(self.path)
        if found.f_flag & os.ST_RDONLY and not self.read_only:
            raise CheckFailed(f"{self.path} is read-only", code=Code.READ_ONLY)
        total, free = found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize
        percent = _percent(free, total)
        if not self.read_only:
            self._require_inodes(found.f_favail, found.f_files)
        self._require_space(free, total, f"{self.path} has {percent:g}% free ({format_size(free >> 20 << 20)})")
        return {"free_percent": percent, "free_bytes": free}

    def _require_space(self, free: int, total: int, text: str) -> None:
        if free < self.fail_below.of(total):
            raise CheckFailed(f"{text}, less than {self.fail_below}", code=Code.THRESHOLD if free else Code.FULL)
        if free < self.warn_below.of(total):
            raise CheckWarning(f"{text}, less than {self.warn_below}", code=Code.THRESHOLD)

    def _require_inodes(self, free: int, total: int) -> None:
        if not total:
            return
        if not free:
            raise CheckFailed(f"{self.path} has no inode left for another file", code=Code.FULL)
        text = f"{self.path} has {_percent(free, total):g}% of its inodes left ({free})"
        if self.fail_below.percent is not None and free < self.fail_below.of(total):
            raise CheckFailed(f"{text}, less than {self.fail_below}", code=Code.THRESHOLD)
        if self.warn_below.percent is not None and free < self.warn_below.of(total):
            raise CheckWarning(f"{text}, less than {self.warn_below}", code=Code.THRESHOLD)


def _percent(free: int, total: int) -> float:
    return round(_PERCENT_TOTAL * free / total, 1) if total else _PERCENT_TOTAL


def _statvfs(path: Path) -> os.statvfs_result:
    with translate_file_errors(path):
        return os.statvfs(path)


class ThresholdField(fields.Field[Threshold]):
    """A share such as `10%`, or a size such as `5GiB`."""

    default_error_messages = {"invalid": "not a share or a size (write it like 10% or 5GiB)"}  # noqa: RUF012 (marshmallow's own attribute)

    def _serialize(self, value: Threshold | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Threshold:
        share = _PERCENT.fullmatch(value) if isinstance(value, str) else None
        if share and float(share[1]) <= _PERCENT_TOTAL:
            return Threshold(percent=float(share[1]))
        try:
            return Threshold(size=Size().deserialize(value, attr, data, **kwargs))
        except ValidationError:
            raise self.make_error("invalid") from None


class DiskSchema(KindSchema):
    """Settings of `disk`."""

    check_class = Disk

    path = FilePath(required=True)
    warn_below = ThresholdField()
    fail_below = ThresholdField()
    read_only = fields.Boolean(truthy={True}, falsy={False})


schema = DiskSchema()
