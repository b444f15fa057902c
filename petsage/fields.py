"""marshmallow fields for settings: durations, sizes, secrets, paths and flags."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import durationpy
from marshmallow import ValidationError, fields, validate

from petsage.redaction import MASK, Secret

_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|us|[smhdw]))+", re.ASCII)
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kKMGT]i?B|B)?", re.ASCII)
MAX_DURATION = 10 * 366 * 86400.0
"""Seconds; a longer duration is refused, as it is probably a typing error."""

MAX_SIZE = 2**63 - 1
"""Bytes; no file or body is larger."""

_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}


class Duration(fields.Field[float]):
    """A length of time such as `250ms`, `10s` or `1m30s`. Loads to seconds, 0 or more."""

    default_error_messages = {  # noqa: RUF012 (marshmallow's own attribute)
        "invalid": "not a duration (write it like 250ms, 10s or 1m30s)",
        "too_long": "too long: at most ten years",
    }

    def _serialize(self, value: float | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else format_duration(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:  # noqa: ARG002 (marshmallow's signature)
        if value == 0 and not isinstance(value, bool):
            return 0.0
        # durationpy skips text between two parts, so the form is checked first
        if not isinstance(value, str) or not _DURATION.fullmatch(value):
            raise self.make_error("invalid")
        try:
            seconds = float(durationpy.from_str(value).total_seconds())
        except durationpy.DurationError as error:
            raise self.make_error("too_long") from error
        if seconds > MAX_DURATION:
            raise self.make_error("too_long")
        return seconds


LONGER_THAN_ZERO = validate.Range(min=0, min_inclusive=False, error="must be longer than 0s")
"""Validator of a `Duration` that cannot be 0."""


class Size(fields.Field[int]):
    """A size such as `64KiB`, `1MiB`, `5GB` or a whole number of bytes. Loads to bytes."""

    default_error_messages = {  # noqa: RUF012 (marshmallow's own attribute)
        "invalid": "not a size (write it like 64KiB, 1MiB or 5GB)",
        "too_large": "too large: at most 8EiB",
    }

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else format_size(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:  # noqa: ARG002 (marshmallow's signature)
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        match = _SIZE.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise self.make_error("invalid")
        number, unit = match.groups(default="B")
        base = 1024 if "i" in unit else 1000
        count = float(number) * base ** _POWERS.get(unit[0].lower(), 0)
        if count > MAX_SIZE:
            raise self.make_error("too_large")
        return int(count)


class SecretText(fields.String):
    """A secret text. Loads to a `Secret`, dumps to a mask."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else MASK

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        return Secret(text, self.secret_parts(text))

    def secret_parts(self, text: str) -> tuple[str, ...] | None:  # noqa: ARG002 (subclasses need the text)
        """Return the parts of the text that are secret; None where all of it is."""
        return None


class Flag(fields.Boolean):
    """Strictly `true` or `false`; other words and numbers are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:  # noqa: ARG002 (marshmallow's signature)
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class PathText(fields.Field[Path]):
    """A path, as a text or in code as a `pathlib.Path`. Loads to a `Path`, which may be relative."""

    default_error_messages = {  # noqa: RUF012 (marshmallow's own attribute)
        "invalid": "must be a text",
        "empty": "must not be empty",
        "unusable": "not a path",
    }

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Path:  # noqa: ARG002 (marshmallow's signature)
        if not isinstance(value, str | os.PathLike):
            raise self.make_error("invalid")
        if not is_path(value):
            raise self.make_error("unusable" if value else "empty")
        return Path(value)


def is_path(value: Any) -> bool:
    """Return whether a value can be passed to the system as a path."""
    try:
        return b"\0" not in (os.fsencode(value) or b"\0")
    except (TypeError, ValueError):
        return False


def format_duration(seconds: float) -> str:
    """Return seconds as a duration in the form of the settings: `1m30s`."""
    from datetime import timedelta  # noqa: PLC0415 (only `config show` and messages need it)

    return str(durationpy.to_str(timedelta(seconds=seconds))) if seconds else "0s"


def format_size(count: int) -> str:
    """Return a number of bytes in the largest binary unit that divides it: `1MiB`."""
    for power, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if count and count % 1024**power == 0:
            return f"{count // 1024**power}{unit}"
    return f"{count}B"


__all__ = [
    "Duration",
    "Flag",
    "PathText",
    "SecretText",
    "Size",
    "ValidationError",
    "format_duration",
    "format_size",
    "is_path",
]
