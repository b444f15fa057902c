"""`application/health+json`, as in draft-inadarei-api-health-check-06."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from marshmallow import fields, validate

from petsage.checks import CheckState, Observations, Status
from petsage.core.identity import Identity
from petsage.http.documents import DocumentEncoder, to_bytes
from petsage.probes.members import Members, with_member
from petsage.probes.query import ProbeQuery
from petsage.probes.renderer import Renderer
from petsage.probes.report import HealthReport
from petsage.probes.schemas import A_TIME, SparseSchema, names_field, status_field

_NO_RESULT = "no result so far"
_UNITS = {"ms": "ms", "s": "s", "bytes": "B", "percent": "percent"}
"""Unit of an observation, by the last word of its name."""


class ComponentSchema(SparseSchema):
    """State of one check as in section 4 of the draft; the last two are additional keys (section 4.10)."""

    component_id = fields.String(required=True, data_key="componentId", metadata={"example": "db"})
    component_type = fields.String(required=True, data_key="componentType", metadata={"example": "datastore"})
    observed_value = fields.Raw(
        data_key="observedValue",
        metadata={
            "description": "Observation of the last run; only for clients that may see details",
            "example": 2.417,
        },
    )
    observed_unit = fields.String(data_key="observedUnit", metadata={"example": "ms"})
    status = status_field("A pending check is written as fail", Status.PASS, Status.WARN, Status.FAIL)
    time = fields.AwareDateTime(required=True, metadata={"description": "When the last run ended", "example": A_TIME})
    output = fields.String(metadata={"description": "Why it does not pass, or the reference to the log"})
    code = fields.String(metadata={"description": "Machine-readable cause; only for clients that may see details"})
    observed = fields.Dict(
        keys=fields.String(),
        metadata={"description": "All observations of the last run; only for clients that may see details"},
    )


class HealthJsonSchema(SparseSchema):
    """Document of draft-inadarei-api-health-check-06, section 3."""

    status = status_field("pending is written as fail", Status.PASS, Status.WARN, Status.FAIL)
    version = fields.String(required=True, metadata={"description": "Version of the software", "example": "0.1.0"})
    release_id = fields.String(data_key="releaseId", metadata={"description": "Only for clients that may see details"})
    service_id = fields.String(data_key="serviceId", metadata={"description": "Only for clients that may see details"})
    notes = names_field("Parts of the query without effect")
    output = fields.String(metadata={"description": "If the status is pending: the checks without a result so far"})
    checks = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(ComponentSchema()), validate=validate.Length(equal=1)),
        metadata={"description": "Each check by its name, in every state and for every client"},
    )


class HealthJsonDocument(NamedTuple):
    """The document, without its checks."""

    status: Status
    version: str
    release_id: str | None
    service_id: str | None
    notes: tuple[str, ...]
    output: str | None


class Component(NamedTuple):
    """The one element under the name of a check; the name depends neither on the observations nor on the client."""

    component_id: str
    component_type: str
    observed_value: object
    observed_unit: str | None
    status: Status
    time: datetime
    output: str | None
    code: str | None
    observed: Observations | None


class HealthJsonRenderer(Renderer):
    """Documents of the draft, which has no `pending`: it is written as `fail`. The checks are always listed."""

    format = "health+json"
    media_type = content_type = "application/health+json"
    preference = 2
    documentation = HealthJsonSchema()

    def __init__(self, identity: Identity, component_type: Callable[[str], str]) -> None:
        super().__init__(identity, component_type)
        self._document = DocumentEncoder(HealthJsonSchema(exclude=("checks",)))
        self._component = DocumentEncoder(ComponentSchema(many=True))
        self._members = Members(lambda state: self._component.text([self._component_of(state)]))

    def needs_details(self, query: ProbeQuery) -> bool:  # noqa: ARG002 (for every query)
        """Return true: the checks are always listed."""
        return True

    def render(self, report: HealthReport, query: ProbeQuery) -> bytes:
        """Return the report as a document with all checks."""
        identity = self._identity
        document = HealthJsonDocument(
            status=_status(report.status),
            version=identity.version,
            release_id=(identity.release or None) if query.details else None,
            service_id=identity.service if query.details else None,
            notes=report.notes,
            output=_pending(report),
        )
        checks = self._members.object_of(report, details=query.details)
        return to_bytes(with_member(self._document.text(document), "checks", checks))

    def _component_of(self, state: CheckState) -> Component:
        value, unit = _measurement(state.observed or {})
        return Component(
            component_id=state.name,
            component_type=self._component_type(state.name),
            observed_value=value,
            observed_unit=unit,
            status=_status(state.status),
            time=state.last_run or state.since,
            output=_output(state),
            code=state.code,
            observed=state.observed or None,
        )


def _pending(report: HealthReport) -> str | None:
    if report.status is not Status.PENDING:
        return None
    return f"{_NO_RESULT}: {', '.join(report.pending)}" if report.pending else _NO_RESULT


def _measurement(observed: Observations) -> tuple[object, str | None]:
    """Return the first observation that has a unit, and the unit; if none has one, the first of all."""
    for name, value in observed.items():
        if (unit := _UNITS.get(name.rpartition("_")[2])) is not None:
            return value, unit
    return next(iter(observed.values()), None), None


def _output(state: CheckState) -> str | None:
    ref = f"ref {state.ref}" if state.ref else ""
    reason = state.reason or (_NO_RESULT if state.status is Status.PENDING else "")
    return f"{reason} ({ref})" if reason and ref else reason or ref or None


def _status(status: Status) -> Status:
    return Status.FAIL if status is Status.PENDING else status


RENDERER = HealthJsonRenderer
