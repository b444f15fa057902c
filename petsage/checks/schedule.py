"""The keys of `config.yml` that say how a check is run, the same for every kind."""

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from petsage.checks.model import Probe, Severity
from petsage.fields import Duration

_ABOVE_ZERO = validate.Range(min=0, min_inclusive=False, error="must be longer than 0")
_FROM_ONE = validate.Range(min=1, error="must be at least 1")


class ScheduleSchema(Schema):
    """Loads to those keys of a `CheckSpec` that are given; what they mean stands there."""

    class Meta(Schema.Meta):
        unknown = RAISE

    probes = fields.List(
        fields.String(validate=validate.OneOf(list(Probe), error="must be one of {choices}")),
        validate=validate.Length(min=1, error="must not be empty"),
    )
    severity = fields.String(validate=validate.OneOf(list(Severity), error="must be one of {choices}"))
    interval = Duration(validate=_ABOVE_ZERO)
    down_interval = Duration(validate=_ABOVE_ZERO)
    timeout = Duration(validate=_ABOVE_ZERO)
    fall = fields.Integer(strict=True, validate=_FROM_ONE)
    rise = fields.Integer(strict=True, validate=_FROM_ONE)
    max_age = Duration(validate=_ABOVE_ZERO)
    enabled = fields.Boolean(truthy={True}, falsy={False})


SCHEDULE: Schema = ScheduleSchema()
KEYS: frozenset[str] = frozenset(SCHEDULE.fields)
Keys = dict[str, Any]
