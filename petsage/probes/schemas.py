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
    """Base of documents that leave out empty members."""

    class Meta(Schema.Meta):
        unknown = RAISE

    @post_dump
    def leave_out_absent(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out None and empty lists."""
        return {name: value for name, value in data.items() if value is not None and value != []}


class CheckSchema(SparseSchema):
    """State of one check."""

    status = status_field("Status of the check; pending before its first result", *Status, example="fail")
    probes = fields.List(
        fields.String(validate=validate.OneOf([one.value for one in Probe])),
        required=True,
        metadata={"description": "The probes that it belongs to", "example": ["ready"]},
    )
    severity = fields.String(
        required=True,
        validate=validate.OneOf([one.value for one in Severity]),
        metadata={
            "description": "Effect of its failure on its probes: critical makes them fail, degraded makes them warn",
            "example": "critical",
        },
    )
    since = fields.AwareDateTime(
        required=True, metadata={"description": "When the status last changed", "example": A_TIME}
    )
    last_run = fields.AwareDateTime(metadata={"description": "When the last run ended", "example": A_TIME})
    duration_ms = fields.Float(metadata={"description": "Duration of the last run", "example": 2.417})
    consecutive_failures = fields.Integer(
        metadata={"description": "Number of failed runs in a row, up to the last one", "example": 3}
    )
    ref = fields.String(
        metadata={"description": "Reference to the log, which has the details under it", "example": "5e1f0c3a"}
    )
    reason = fields.String(
        metadata={
            "description": "Why it does not pass; only for clients that may see details",
            "example": "connection refused",
        }
    )
    code = fields.String(
        metadata={"description": "Machine-readable cause; only for clients that may see details", "example": "refused"}
    )
    observed = fields.Dict(
        keys=fields.String(),
        metadata={"description": "Observations of the last run; only for clients that may see details"},
    )

    @post_dump
    def leave_out_failures_before_first_run(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out the number of failed runs if the check has not run."""
        if data.get("last_run") is None:
            data.pop("consecutive_failures", None)
        return data


class VerdictSchema(SparseSchema):
    """Status of a probe."""

    status = status_field("pass and warn are answered with 200, fail and pending with 503", *Status)
    failing = names_field("Checks that fail")
    pending = names_field("Checks without a result so far")
    warning = names_field("Checks that warn, and degraded ones that fail")


class ProbeSchema(VerdictSchema):
    """Answer of a probe."""

    quarantined = names_field("Features in quarantine, if the check `features` does not pass")
    excluded = names_field("With ?verbose: checks that ?exclude left out")
    notes = names_field("Parts of the query without effect")
    checks = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(CheckSchema()),
        metadata={"description": "With ?verbose: each check by its name"},
    )


class HealthSchema(SparseSchema):
    """Health of everything: the service, its probes and its checks."""

    status = status_field("The worst status of the probes", *Status)
    service = fields.String(metadata={"description": "Only for clients that may see details", "example": "petsage"})
    version = fields.String(required=True, metadata={"description": "Version of the software", "example": "0.1.0"})
    release = fields.String(metadata={"description": "Release of the image; only for clients that may see details"})
    boot_id = fields.String(
        metadata={"description": "Identifier of the process, new at each start; only for clients that may see details"}
    )
    started = fields.AwareDateTime(metadata={"description": "Only for clients that may see details", "example": A_TIME})
    quarantined = names_field("Features in quarantine, if the check `features` does not pass")
    notes = names_field("Parts of the query without effect")
    probes = fields.Dict(
        keys=fields.String(validate=validate.OneOf([one.value for one in Probe])),
        values=fields.Nested(VerdictSchema()),
        required=True,
        metadata={
            "description": "Status of each probe",
            "example": {"live": {"status": "pass"}, "ready": {"status": "pass"}, "startup": {"status": "pass"}},
        },
    )
    excluded = names_field("Checks that ?exclude left out")
    checks = fields.Dict(
        keys=fields.String(), values=fields.Nested(CheckSchema()), metadata={"description": "Each check by its name"}
    )
