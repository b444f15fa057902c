"""`disk`: a file system with enough free space."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields

from petsage.checks.kinds._schema import FilePath, KindSchema
from petsage.checks.model import CheckFailed, CheckWarning
from petsage.fields import Size, format_size

leaves_process = False
component_type = "system"

_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?%", re.ASCII)
_ALL = 100.0


@dataclass(frozen=True)
class Threshold:
    """A share of a file system in percent, or a number of bytes."""

    percent: float | None = None
    size: int = 0

    def of(self, total: int) -> float:
        """Return the bytes that it means on a file system of `total`."""
        return self.size if self.percent is None else total * self.percent / _ALL

    def __str__(self) -> str:
        return format_size(self.size) if self.percent is None else f"{self.percent:g}%"


@dataclass(frozen=True, kw_only=True)
class Disk:
    """Holds when the file system of `path` has at least `warn_below` that an unprivileged process may still use."""

    path: Path
    warn_below: Threshold = Threshold(percent=10)
    fail_below: Threshold = Threshold(percent=5)

    def run(self) -> Mapping[str, object]:
        """Ask the file system, which a dead network file system does not answer: it blocks."""
        total, _, free = _usage(self.path)
        percent = round(_ALL * free / total, 1) if total else _ALL
        text = f"{self.path} has {percent:g}% free ({format_size(free >> 20 << 20)})"
        if free < self.fail_below.of(total):
            raise CheckFailed(f"{text}, less than {self.fail_below}")
        if free < self.warn_below.of(total):
            raise CheckWarning(f"{text}, less than {self.warn_below}")
        return {"free_percent": percent, "free_bytes": free}


def _usage(path: Path) -> tuple[int, int, int]:
    try:
        return shutil.disk_usage(path)
    except FileNotFoundError:
        raise CheckFailed(f"{path} does not exist") from None
    except OSError as error:
        raise CheckFailed(f"{path}: {error.strerror}") from None


class ThresholdField(fields.Field[Threshold]):
    """A share such as `10%`, or a size such as `5GiB`."""

    default_error_messages = {"invalid": "not a share or a size (write it like 10% or 5GiB)"}  # noqa: RUF012 (marshmallow's own attribute)

    def _serialize(self, value: Threshold | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Threshold:
        share = _PERCENT.fullmatch(value) if isinstance(value, str) else None
        if share and float(share[1]) <= _ALL:
            return Threshold(percent=float(share[1]))
        try:
            return Threshold(size=Size().deserialize(value, attr, data, **kwargs))
        except ValidationError:
            raise self.make_error("invalid") from None


class DiskSchema(KindSchema):
    """Settings of `disk`."""

    makes = Disk

    path = FilePath(required=True)
    warn_below = ThresholdField()
    fail_below = ThresholdField()


schema = DiskSchema()
