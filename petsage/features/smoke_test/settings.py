"""The feature's section of `config.yml`."""

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, post_load, validate

DEFAULT_MESSAGE = "PetSage builder is functional!"


@dataclass(frozen=True, kw_only=True)
class SmokeTestSettings:
    """What the smoke test says when all is well."""

    message: str = DEFAULT_MESSAGE


class SmokeTestSettingsSchema(Schema):
    """`features.smoke_test`."""

    message = fields.String(load_default=DEFAULT_MESSAGE, validate=validate.Length(min=1, max=1000))

    @post_load
    def settings(self, data: dict[str, Any], **_: Any) -> SmokeTestSettings:
        """Finish with the dataclass."""
        return SmokeTestSettings(**data)
