"""Schemas of the responses: the document of a passed smoke test, and the problem of a failed one."""

from marshmallow import RAISE, Schema, fields, validate

from petsage.core.inventory import Step
from petsage.features.smoke_test.service import FEATURE
from petsage.features.smoke_test.settings import DEFAULT_MESSAGE
from petsage.http import ProblemSchema


class SmokeTestSchema(Schema):
    """Document of a passed smoke test: every required feature that was found is mounted and running."""

    class Meta(Schema.Meta):
        unknown = RAISE

    status = fields.String(
        required=True,
        validate=validate.Equal("ok"),
        metadata={"description": "Always `ok`; a failure is a problem document", "example": "ok"},
    )
    feature = fields.String(
        required=True,
        validate=validate.Equal(FEATURE),
        metadata={"description": "The feature that answers", "example": FEATURE},
    )
    message = fields.String(
        required=True,
        metadata={"description": "`features.smoke_test.message` of the configuration", "example": DEFAULT_MESSAGE},
    )


class FailureSchema(Schema):
    """A required feature that is not served."""

    class Meta(Schema.Meta):
        unknown = RAISE

    feature = fields.String(required=True, metadata={"description": "Name of the feature", "example": "orders"})
    step = fields.String(
        required=True,
        validate=validate.OneOf([step.value for step in Step]),
        metadata={"description": "The step at which the feature failed", "example": "start"},
    )
    reason = fields.String(
        required=True,
        metadata={
            "description": "The public reason, or the class of the error",
            "example": "ConnectionError",
        },
    )
    ref = fields.String(
        required=True,
        allow_none=True,
        validate=validate.Regexp(r"^[0-9a-f]{8}$"),
        metadata={"description": "Reference under which the log has the complete error", "example": "5e1f0c3a"},
    )


class SmokeTestProblemSchema(ProblemSchema):
    """Problem of a failed smoke test: at least one required feature is not served."""

    class Meta(Schema.Meta):
        unknown = RAISE

    feature = fields.String(
        required=True,
        validate=validate.Equal(FEATURE),
        metadata={"description": "The feature that answers", "example": FEATURE},
    )
    failures = fields.List(
        fields.Nested(FailureSchema),
        required=True,
        validate=validate.Length(min=1),
        metadata={"description": "Each required feature that is not served, and why"},
    )
