"""Descriptions of the probes in the API document."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from petsage.http import ProblemSchema, operation
from petsage.probes.renderers import find_renderers
from petsage.probes.schemas import HealthSchema, ProbeSchema


class UnknownCheckSchema(ProblemSchema):
    """Problem of a check that the probe does not have."""

    class Meta(Schema.Meta):
        unknown = RAISE

    known = fields.List(
        fields.String(), required=True, metadata={"description": "The checks of this probe", "example": ["db"]}
    )


class ProbeQuerySchema(Schema):
    """Query of a probe; unknown parameters are ignored."""

    format = fields.String(
        validate=validate.OneOf([*find_renderers()]),
        metadata={"description": "The format of the answer, regardless of Accept; any other value is a 400"},
    )
    verbose = fields.String(metadata={"description": "With any value: list each check"})
    fresh = fields.String(metadata={"description": "With any value: run the checks first; requires the token"})
    left_out = fields.List(
        fields.String(),
        data_key="exclude",
        metadata={"description": "Name of a check to leave out; can be repeated"},
    )


_PROBE, _PROBLEM, _QUERY = ProbeSchema(), ProblemSchema(), ProbeQuerySchema()
_OTHER_FORMATS: Mapping[str, Schema | str] = {
    renderer.media_type: renderer.documentation
    for renderer in find_renderers().values()
    if renderer.documentation is not None
}
_REFUSALS: Mapping[int, Schema] = {400: _PROBLEM, 401: _PROBLEM, 403: _PROBLEM}
_HOW = (
    " Answered from the last results; only `?fresh` runs checks. 200 for pass and warn, 503 for fail and pending; "
    "`Retry-After` is in seconds. `?format` or `Accept` select the format: JSON, `text/plain` as kube-apiserver "
    "writes it, or `application/health+json` (draft-inadarei-api-health-check-06). Without authorization an answer has "
    "names, statuses, times and refs; `Authorization: Bearer` with the token of `features.health.token` adds reasons "
    "and observations, and never changes a status. 401: a wrong token with a request for details; 403: `?fresh` "
    "without a token."
)

_declared = partial(operation, tags=["Probes"], quiet=True, media=_OTHER_FORMATS, reads={"query": _QUERY})


def probe_operation(summary: str, what: str) -> Callable[[Any], Any]:
    """Declare the handler of a probe."""
    responses = {200: _PROBE, 503: _PROBE, **_REFUSALS}
    return _declared(summary=summary, description=what + _HOW, responses=responses)


def check_operation(summary: str) -> Callable[[Any], Any]:
    """Declare the handler of one check of a probe."""
    responses = {200: _PROBE, 503: _PROBE, **_REFUSALS, 404: UnknownCheckSchema()}
    return _declared(
        summary=summary, description="The status of the probe if this were its only check." + _HOW, responses=responses
    )


def health_operation(summary: str) -> Callable[[Any], Any]:
    """Declare the handler of `/health`."""
    responses = {200: HealthSchema(), 503: HealthSchema(), **_REFUSALS}
    return _declared(
        summary=summary,
        description="The identity of the service, the status of each probe, and every check." + _HOW,
        responses=responses,
    )
