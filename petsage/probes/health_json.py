"""`application/health+json`, by draft-inadarei-api-health-check-06."""

from collections.abc import Callable
from datetime import datetime
from json import dumps
from typing import NamedTuple

from petsage.checks import Detail, Observations, State, Status
from petsage.core.identity import Identity
from petsage.probes.report import HealthReport, ProbeQuery
from petsage.probes.schemas import ComponentSchema, HealthJsonSchema
from petsage.probes.writing import Members, to_bytes, with_member, written

COMPONENT, SYSTEM = "component", "system"
"""Types of components, by section 4.2 of the draft: the default, and that of the machine and of this program."""

_NO_RESULT = "no result so far"
_UNITS = {"ms": "ms", "s": "s", "bytes": "B", "percent": "percent"}
"""What the last word of a measurement's name says of its unit."""


class HealthJsonDocument(NamedTuple):
    """The document, its checks apart."""

    status: Status
    version: str
    release_id: str | None
    service_id: str | None
    notes: tuple[str, ...]
    output: str | None


class Component(NamedTuple):
    """The one element under the name of a check: its key is the same whatever was measured, and whoever asks."""

    component_id: str
    component_type: str
    observed_value: object
    observed_unit: str | None
    status: Status
    time: datetime
    output: str | None
    code: str | None
    observed: Observations | None


class HealthJson:
    """Writes views as the draft has them; it knows no `pending`, which is written as `fail`."""

    content_type = "application/health+json"

    def __init__(self, identity: Identity, type_of: Callable[[str], str]) -> None:
        self._identity = identity
        self._type_of = type_of
        self._document, self._component = HealthJsonSchema(), ComponentSchema()
        self._members = Members(self._member)

    def write(self, view: HealthReport, question: ProbeQuery) -> bytes:
        """Return the answer to a question; the checks are always listed."""
        who = self._identity
        document = HealthJsonDocument(
            status=_status(view.verdict.status),
            version=who.version,
            release_id=(who.release or None) if question.details else None,
            service_id=who.service if question.details else None,
            notes=view.notes,
            output=_pending(view),
        )
        text = written(self._document, document)
        return to_bytes(with_member(text, "checks", self._members.of(view, details=question.details)))

    def _member(self, state: State | Detail) -> str:
        return f"{dumps(state.name)}: [{written(self._component, self._made(state))}]"

    def _made(self, state: State | Detail) -> Component:
        observed = (state.observed if isinstance(state, Detail) else None) or {}
        value, unit = _measured(observed)
        return Component(
            component_id=state.name,
            component_type=self._type_of(state.name),
            observed_value=value,
            observed_unit=unit,
            status=_status(state.status),
            time=getattr(state, "last_run", None) or state.since,
            output=_output(state),
            code=getattr(state, "code", None),
            observed=observed or None,
        )


def _pending(view: HealthReport) -> str | None:
    if view.verdict.status is not Status.PENDING:
        return None
    return f"{_NO_RESULT}: {', '.join(view.verdict.pending)}" if view.verdict.pending else _NO_RESULT


def _measured(observed: Observations) -> tuple[object, str | None]:
    """Return the first measurement that has a unit, and the unit; without such a one the first of all."""
    for name, value in observed.items():
        if (unit := _UNITS.get(name.rpartition("_")[2])) is not None:
            return value, unit
    return next(iter(observed.values()), None), None


def _output(state: State | Detail) -> str | None:
    ref = f"ref {state.ref}" if state.ref else ""
    reason = state.reason or (_NO_RESULT if state.status is Status.PENDING else "")
    return f"{reason} ({ref})" if reason and ref else reason or ref or None


def _status(status: Status) -> Status:
    return Status.FAIL if status is Status.PENDING else status
