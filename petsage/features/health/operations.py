"""What the API document says of the probes."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from marshmallow import Schema

from petsage.http import ProblemSchema, operation
from petsage.probes.schemas import (
    HealthJsonSchema,
    HealthSchema,
    ProbeQuerySchema,
    ProbeSchema,
    UnknownCheckSchema,
)

_PROBE, _PROBLEM, _QUERY = ProbeSchema(), ProblemSchema(), ProbeQuerySchema()
_DIALECTS: Mapping[str, Schema | str] = {"text/plain": "ok", "application/health+json": HealthJsonSchema()}
_REFUSALS: Mapping[int, Schema] = {400: _PROBLEM, 401: _PROBLEM, 403: _PROBLEM}
_HOW = (
    " Answered from what is known: asking costs the checks nothing. 200 for pass and warn, 503 for fail and pending; "
    "`Retry-After` is in seconds. `?format` or `Accept` choose the dialect: JSON, `text/plain` as kube-apiserver "
    "writes it, or `application/health+json` (draft-inadarei-api-health-check-06). Strangers see names, statuses, "
    "times and refs; `Authorization: Bearer` with the token of `features.health.token` shows reasons and what was "
    "observed, and never changes a verdict. 401: a wrong token where details are asked for; 403: `?fresh` without one."
)

_declared = partial(operation, tags=["Probes"], quiet=True, media=_DIALECTS, reads={"query": _QUERY})


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
