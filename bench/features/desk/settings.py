"""The feature's section of `config.yml`."""

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, post_load, validate

DEFAULT_MESSAGE = "PetSage desk is functional!"


@dataclass(frozen=True, kw_only=True)
class DeskSettings:
    """What the feature says when all is well."""

    message: str = DEFAULT_MESSAGE


class DeskSettingsSchema(Schema):
    """`features.desk`."""

    message = fields.String(load_default=DEFAULT_MESSAGE, validate=validate.Length(min=1, max=1000))

    @post_load
    def settings(self, data: dict[str, Any], **_: Any) -> DeskSettings:
        """Finish with the dataclass."""
        return DeskSettings(**data)
