"""Schemas of the answers."""

from marshmallow import RAISE, Schema, fields, validate

from .service import FEATURE
from .settings import DEFAULT_MESSAGE


class DeskSchema(Schema):
    """The feature is functional."""

    class Meta(Schema.Meta):
        unknown = RAISE

    status = fields.String(
        required=True,
        validate=validate.Equal("ok"),
        metadata={"description": "Always `ok`; anything else is an error answer", "example": "ok"},
    )
    feature = fields.String(
        required=True,
        validate=validate.Equal(FEATURE),
        metadata={"description": "The feature that answers", "example": FEATURE},
    )
    message = fields.String(
        required=True,
        metadata={
            "description": "`features.desk.message` of the configuration",
            "example": DEFAULT_MESSAGE,
        },
    )
