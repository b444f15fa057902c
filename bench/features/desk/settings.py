"""The feature's section of `config.yml`."""

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, post_load, validate

DEFAULT_MESSAGE = "PetSage desk is functional!"


@dataclass(frozen=True, kw_only=True)
class DeskSettings:
    """Settings of the feature."""

    message: str = DEFAULT_MESSAGE


class DeskSettingsSchema(Schema):
    """`features.desk`."""

    message = fields.String(load_default=DEFAULT_MESSAGE, validate=validate.Length(min=1, max=1000))

    @post_load
    def settings(self, data: dict[str, Any], **_: Any) -> DeskSettings:
        """Return the settings as their dataclass."""
        return DeskSettings(**data)
