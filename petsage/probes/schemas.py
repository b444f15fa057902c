"""What leaves: as `application/json`, and as `application/health+json` (draft-inadarei-api-health-check-06)."""

from typing import Any

from marshmallow import RAISE, Schema, fields, post_dump, validate

from petsage.checks import Probe, Severity, Status
from petsage.http import ProblemSchema

_SINCE = "2026-11-23T03:38:41.120000+00:00"
_NAMES = validate.Length(min=1)


def _status(description: str, *statuses: Status, example: str = "pass") -> fields.String:
    metadata = {"description": description, "example": example}
    return fields.String(required=True, validate=validate.OneOf([one.value for one in statuses]), metadata=metadata)


def _names(description: str) -> fields.List[str]:
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

    status = _status("How it stands; pending before its first result", *Status, example="fail")
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
    since = fields.AwareDateTime(required=True, metadata={"description": "When the status turned", "example": _SINCE})
    last_run = fields.AwareDateTime(metadata={"description": "When the last result came", "example": _SINCE})
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

    status = _status("pass and warn come with 200, fail and pending with 503", *Status)
    failing = _names("Checks that fail the probe")
    pending = _names("Checks without a result so far")
    warning = _names("Checks that warn, and degraded ones that fail")


class ProbeSchema(VerdictSchema):
    """The answer of a probe."""

    quarantined = _names("The features in quarantine, when the check `features` does not pass")
    excluded = _names("With ?verbose: checks that were left out on demand")
    notes = _names("What was asked and cannot be")
    checks = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(CheckSchema()),
        metadata={"description": "With ?verbose: each check by its name"},
    )


class HealthSchema(SparseSchema):
    """The whole: who answers, all probes, all checks."""

    status = _status("The worst of the probes", *Status)
    service = fields.String(metadata={"description": "For those who may see details", "example": "petsage"})
    version = fields.String(required=True, metadata={"description": "Version of the software", "example": "0.1.0"})
    release = fields.String(metadata={"description": "What the image was built as; for those who may see details"})
    boot_id = fields.String(metadata={"description": "One life of the process; for those who may see details"})
    started = fields.AwareDateTime(metadata={"description": "For those who may see details", "example": _SINCE})
    quarantined = _names("The features in quarantine, when the check `features` does not pass")
    notes = _names("What was asked and cannot be")
    probes = fields.Dict(
        keys=fields.String(validate=validate.OneOf([one.value for one in Probe])),
        values=fields.Nested(VerdictSchema()),
        required=True,
        metadata={
            "description": "What each probe says",
            "example": {"live": {"status": "pass"}, "ready": {"status": "pass"}, "startup": {"status": "pass"}},
        },
    )
    excluded = _names("Checks that were left out on demand")
    checks = fields.Dict(
        keys=fields.String(), values=fields.Nested(CheckSchema()), metadata={"description": "Each check by its name"}
    )


class ComponentSchema(SparseSchema):
    """How one check stands, in the words of the draft, section 4; the last two are additional keys (section 4.10)."""

    component_id = fields.String(required=True, data_key="componentId", metadata={"example": "db"})
    component_type = fields.String(required=True, data_key="componentType", metadata={"example": "datastore"})
    observed_value = fields.Raw(
        data_key="observedValue",
        metadata={"description": "What the last run measured; for those who may see details", "example": 2.417},
    )
    observed_unit = fields.String(data_key="observedUnit", metadata={"example": "ms"})
    status = _status("A pending check is written as fail", Status.PASS, Status.WARN, Status.FAIL)
    time = fields.AwareDateTime(required=True, metadata={"description": "When the last result came", "example": _SINCE})
    output = fields.String(metadata={"description": "Why it does not pass, or the ref under which the log has it"})
    code = fields.String(metadata={"description": "The kind of reason; for those who may see details"})
    observed = fields.Dict(
        keys=fields.String(), metadata={"description": "All that it measured; for those who may see details"}
    )


class HealthJsonSchema(SparseSchema):
    """A document of draft-inadarei-api-health-check-06, section 3."""

    status = _status("pending is written as fail", Status.PASS, Status.WARN, Status.FAIL)
    version = fields.String(required=True, metadata={"description": "Version of the software", "example": "0.1.0"})
    release_id = fields.String(data_key="releaseId", metadata={"description": "For those who may see details"})
    service_id = fields.String(data_key="serviceId", metadata={"description": "For those who may see details"})
    notes = _names("What was asked and cannot be")
    output = fields.String(metadata={"description": "While the answer is pending: which checks have no result so far"})
    checks = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(ComponentSchema()), validate=validate.Length(equal=1)),
        metadata={"description": "Each check by its name, whatever its state and whoever asks"},
    )


class UnknownCheckSchema(ProblemSchema):
    """No check of this name belongs to the probe."""

    class Meta(Schema.Meta):
        unknown = RAISE

    known = fields.List(
        fields.String(), required=True, metadata={"description": "The checks of this probe", "example": ["db"]}
    )


class ProbeQuerySchema(Schema):
    """What can be asked of a probe; anything else in the query is passed over."""

    format = fields.String(
        validate=validate.OneOf(("json", "text", "health+json")),
        metadata={"description": "The form of the answer, whatever Accept says; anything else is a 400"},
    )
    verbose = fields.String(metadata={"description": "Present, whatever its value: every check on its own"})
    fresh = fields.String(
        metadata={"description": "Present, whatever its value: run the checks first; needs the token"}
    )
    left_out = fields.List(
        fields.String(),
        data_key="exclude",
        metadata={"description": "Checks to leave out, each in a member of its own"},
    )
