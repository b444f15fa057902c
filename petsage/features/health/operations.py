"""Descriptions of the probes in the API document."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from petsage.http import ProblemSchema, operation
from petsage.probes.renderers import find_renderers
from petsage.probes.schemas import HealthSchema, ProbeSchema


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
        validate=validate.OneOf([*find_renderers()]),
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


_PROBE, _PROBLEM, _QUERY = ProbeSchema(), ProblemSchema(), ProbeQuerySchema()
_OTHER_FORMATS: Mapping[str, Schema | str] = {
    renderer.media_type: renderer.documentation
    for renderer in find_renderers().values()
    if renderer.documentation is not None
}
_REFUSALS: Mapping[int, Schema] = {400: _PROBLEM, 401: _PROBLEM, 403: _PROBLEM}
_HOW = (
    " Answered from what is known: asking costs the checks nothing. 200 for pass and warn, 503 for fail and pending; "
    "`Retry-After` is in seconds. `?format` or `Accept` choose the dialect: JSON, `text/plain` as kube-apiserver "
    "writes it, or `application/health+json` (draft-inadarei-api-health-check-06). Strangers see names, statuses, "
    "times and refs; `Authorization: Bearer` with the token of `features.health.token` shows reasons and what was "
    "observed, and never changes a verdict. 401: a wrong token where details are asked for; 403: `?fresh` without one."
)

_declared = partial(operation, tags=["Probes"], quiet=True, media=_OTHER_FORMATS, reads={"query": _QUERY})


def probe_operation(summary: str, what: str) -> Callable[[Any], Any]:
    """Declare the handler of a probe."""
    responses = {200: _PROBE, 503: _PROBE, **_REFUSALS}
    return _declared(summary=summary, description=what + _HOW, responses=responses)


def single_operation(summary: str) -> Callable[[Any], Any]:
    """Declare the handler of one check of a probe."""
    responses = {200: _PROBE, 503: _PROBE, **_REFUSALS, 404: UnknownCheckSchema()}
    return _declared(
        summary=summary, description="The verdict of the probe if this were its only check." + _HOW, responses=responses
    )


def whole_operation(summary: str) -> Callable[[Any], Any]:
    """Declare the handler of the whole."""
    responses = {200: HealthSchema(), 503: HealthSchema(), **_REFUSALS}
    return _declared(
        summary=summary, description="Who answers, what each probe says, and every check." + _HOW, responses=responses
    )
