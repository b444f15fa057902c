"""Schemas of the documents in `application/json`, and what the schemas of other formats share."""

from typing import Any

from marshmallow import RAISE, Schema, fields, post_dump, validate

from petsage.checks import Probe, Severity, Status

A_TIME = "2026-11-23T03:38:41.120000+00:00"
_NAMES = validate.Length(min=1)


def status_field(description: str, *statuses: Status, example: str = "pass") -> fields.String:
    """Return a required field that holds one of `statuses`."""
    metadata = {"description": description, "example": example}
    return fields.String(required=True, validate=validate.OneOf([one.value for one in statuses]), metadata=metadata)


def names_field(description: str) -> fields.List[str]:
    """Return a field that holds names, and is absent when there are none."""
    return fields.List(fields.String(), validate=_NAMES, metadata={"description": description})


class SparseSchema(Schema):
    """A document that leaves out what has nothing to say."""

    class Meta(Schema.Meta):
        unknown = RAISE

    @post_dump
    def leave_out_absent(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out what is None, and empty lists."""
        return {name: value for name, value in data.items() if value is not None and value != []}


class CheckSchema(SparseSchema):
    """How one check stands."""

    status = status_field("How it stands; pending before its first result", *Status, example="fail")
    probes = fields.List(
        fields.String(validate=validate.OneOf([one.value for one in Probe])),
        required=True,
        metadata={"description": "The probes it counts in", "example": ["ready"]},
    )
    severity = fields.String(
        required=True,
        validate=validate.OneOf([one.value for one in Severity]),
        metadata={"description": "What its failure makes of its probes: fail, or warn", "example": "critical"},
    )
    since = fields.AwareDateTime(required=True, metadata={"description": "When the status turned", "example": A_TIME})
    last_run = fields.AwareDateTime(metadata={"description": "When the last result came", "example": A_TIME})
    duration_ms = fields.Float(metadata={"description": "How long the last run took", "example": 2.417})
    consecutive_failures = fields.Integer(
        metadata={"description": "How many runs in a row failed, up to the last", "example": 3}
    )
    ref = fields.String(metadata={"description": "The log has more under this", "example": "5e1f0c3a"})
    reason = fields.String(
        metadata={"description": "Why it does not pass; for those who may see details", "example": "connection refused"}
    )
    code = fields.String(
        metadata={"description": "The kind of reason; for those who may see details", "example": "refused"}
    )
    observed = fields.Dict(
        keys=fields.String(),
        metadata={"description": "What the last run measured; for those who may see details"},
    )

    @post_dump
    def leave_out_failures_of_nothing(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out how many runs failed where there was none."""
        if data.get("last_run") is None:
            data.pop("consecutive_failures", None)
        return data


class VerdictSchema(SparseSchema):
    """What a probe says."""

    status = status_field("pass and warn come with 200, fail and pending with 503", *Status)
    failing = names_field("Checks that fail the probe")
    pending = names_field("Checks without a result so far")
    warning = names_field("Checks that warn, and degraded ones that fail")


class ProbeSchema(VerdictSchema):
    """The answer of a probe."""

    quarantined = names_field("The features in quarantine, when the check `features` does not pass")
    excluded = names_field("With ?verbose: checks that were left out on demand")
    notes = names_field("What was asked and cannot be")
    checks = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(CheckSchema()),
        metadata={"description": "With ?verbose: each check by its name"},
    )


class HealthSchema(SparseSchema):
    """The whole: who answers, all probes, all checks."""

    status = status_field("The worst of the probes", *Status)
    service = fields.String(metadata={"description": "For those who may see details", "example": "petsage"})
    version = fields.String(required=True, metadata={"description": "Version of the software", "example": "0.1.0"})
    release = fields.String(metadata={"description": "What the image was built as; for those who may see details"})
    boot_id = fields.String(metadata={"description": "One life of the process; for those who may see details"})
    started = fields.AwareDateTime(metadata={"description": "For those who may see details", "example": A_TIME})
    quarantined = names_field("The features in quarantine, when the check `features` does not pass")
    notes = names_field("What was asked and cannot be")
    probes = fields.Dict(
        keys=fields.String(validate=validate.OneOf([one.value for one in Probe])),
        values=fields.Nested(VerdictSchema()),
        required=True,
        metadata={
            "description": "What each probe says",
            "example": {"live": {"status": "pass"}, "ready": {"status": "pass"}, "startup": {"status": "pass"}},
        },
    )
    excluded = names_field("Checks that were left out on demand")
    checks = fields.Dict(
        keys=fields.String(), values=fields.Nested(CheckSchema()), metadata={"description": "Each check by its name"}
    )
