"""The setting `status`: a code, a range or a list of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields

Ranges = tuple[tuple[int, int], ...]

_RANGE = re.compile(r"([1-9]\d\d)(?:-([1-9]\d\d))?", re.ASCII)


def is_within(status: int, ranges: Ranges) -> bool:
    """Return whether a status is in one of the ranges."""
    return any(low <= status <= high for low, high in ranges)


def format_ranges(ranges: Ranges) -> str:
    """Return ranges as in settings: `200-299, 404`."""
    return ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in ranges)


class StatusCodes(fields.Field[Ranges]):
    """A code, a range or a list of them; loads to pairs of the lowest and the highest code."""

    default_error_messages = {"invalid": "not a status code (write it like 200, 200-299 or [200, 404])"}  # noqa: RUF012 (marshmallow's own attribute)

    def _serialize(self, value: Ranges | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        return None if value is None else format_ranges(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Ranges:  # noqa: ARG002 (marshmallow's signature)
        parts = value.split(",") if isinstance(value, str) else value if isinstance(value, Sequence) else [value]
        if not parts:
            raise self.make_error("invalid")
        return tuple(self._range(part) for part in parts)

    def _range(self, part: Any) -> tuple[int, int]:
        match = None if isinstance(part, bool) else _RANGE.fullmatch(str(part).strip())
        if match is None or (match[2] and match[2] < match[1]):
            raise self.make_error("invalid")
        return int(match[1]), int(match[2] or match[1])
