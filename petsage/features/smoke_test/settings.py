"""Settings: the section `features.smoke_test` of `config.yml`."""

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, post_load, validate

DEFAULT_MESSAGE = "PetSage builder is functional!"


@dataclass(frozen=True, kw_only=True)
class SmokeTestSettings:
    """Settings of the smoke test; `message` is the text of a passed one."""

    message: str = DEFAULT_MESSAGE


class SmokeTestSettingsSchema(Schema):
    """Schema of the section `features.smoke_test`."""

    message = fields.String(load_default=DEFAULT_MESSAGE, validate=validate.Length(min=1, max=1000))

    @post_load
    def settings(self, data: dict[str, Any], **_: Any) -> SmokeTestSettings:
        """Return the validated settings."""
        return SmokeTestSettings(**data)
