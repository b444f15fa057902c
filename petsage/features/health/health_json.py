"""`application/health+json`, by draft-inadarei-api-health-check-06."""

from collections.abc import Iterator
from datetime import datetime
from json import dumps
from typing import NamedTuple

from petsage.checks import Detail, State, Status
from petsage.features.health.house import FEATURES, SHUTDOWN
from petsage.features.health.schemas import ComponentSchema, HealthJsonSchema
from petsage.features.health.view import Question, View
from petsage.features.health.writing import Members, to_bytes, with_member, written
from petsage.identity import Identity

_UNITS = {"ms": "ms", "s": "s", "bytes": "B", "percent": "%"}
"""What the last word of a measurement's name says of its unit."""


class HealthJsonDocument(NamedTuple):
    """The document, its checks apart."""

    status: Status
    version: str
    release_id: str | None
    service_id: str | None
    notes: tuple[str, ...]


class Component(NamedTuple):
    """One element under `checks`: a check or, where something was measured, one measurement of it."""

    component_id: str
    component_type: str
    observed_value: object
    observed_unit: str | None
    status: Status
    time: datetime
    output: str | None


class HealthJson:
    """Writes views as the draft has them; it knows no `pending`, which is written as `fail`."""

    content_type = "application/health+json"

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._document, self._component = HealthJsonSchema(), ComponentSchema()
        self._members = Members(self._member)

    def write(self, view: View, question: Question) -> bytes:
        """Return the answer to a question; the checks are always listed."""
        who = self._identity
        document = HealthJsonDocument(
            status=_status(view.verdict.status),
            version=who.version,
            release_id=(who.release or None) if question.details else None,
            service_id=who.service if question.details else None,
            notes=view.notes,
        )
        text = written(self._document, document)
        return to_bytes(with_member(text, "checks", self._members.of(view, details=question.details)))

    def _member(self, state: State | Detail) -> str:
        return ", ".join(
            f"{dumps(key)}: [{written(self._component, component)}]" for key, component in _components(state)
        )


def _components(state: State | Detail) -> Iterator[tuple[str, Component]]:
    component = Component(
        component_id=state.name,
        component_type="system" if state.name in (FEATURES, SHUTDOWN) else "component",
        observed_value=None,
        observed_unit=None,
        status=_status(state.status),
        time=getattr(state, "last_run", None) or state.since,
        output=_output(state),
    )
    observed = (state.observed if isinstance(state, Detail) else None) or {}
    if not observed:
        yield state.name, component
    for name, value in observed.items():
        measured = component._replace(observed_value=value, observed_unit=_UNITS.get(name.rpartition("_")[2]))
        yield f"{state.name}:{name.replace(':', '_')}", measured


def _output(state: State | Detail) -> str | None:
    ref = f"ref {state.ref}" if state.ref else ""
    if not state.reason:
        return ref or None
    return f"{state.reason} ({ref})" if ref else state.reason


def _status(status: Status) -> Status:
    return Status.FAIL if status is Status.PENDING else status
