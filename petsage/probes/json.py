"""`application/json`, the default: a verdict, and on demand the checks, one by one."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from petsage.checks import Detail, Probe, ProbeResult, State, Status
from petsage.core.identity import Identity
from petsage.probes.report import HealthReport, ProbeQuery
from petsage.probes.schemas import CheckSchema, HealthSchema, ProbeSchema
from petsage.probes.writing import Members, to_bytes, with_member, written


class ProbeDocument(NamedTuple):
    """The answer of a probe, its checks apart."""

    status: Status
    failing: tuple[str, ...]
    pending: tuple[str, ...]
    warning: tuple[str, ...]
    quarantined: tuple[str, ...]
    excluded: tuple[str, ...]
    notes: tuple[str, ...]


class HealthDocument(NamedTuple):
    """The whole, its checks apart."""

    status: Status
    service: str | None
    version: str
    release: str | None
    boot_id: str | None
    started: datetime | None
    quarantined: tuple[str, ...]
    notes: tuple[str, ...]
    probes: Mapping[Probe, ProbeResult]
    excluded: tuple[str, ...]


class PlainJson:
    """Writes views as JSON of our own."""

    content_type = "application/json; charset=utf-8"

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._probe, self._health, self._check = ProbeSchema(), HealthSchema(), CheckSchema()
        self._members = Members(self._member)

    def write(self, view: HealthReport, question: ProbeQuery) -> bytes:
        """Return the answer to a question."""
        whole = question.asked.probe is None
        listed = whole or question.verbose
        excluded = tuple(name for name in view.checks if name in view.excluded) if listed else ()
        text = self._whole(view, question, excluded) if whole else self._answer(view, excluded)
        if listed:
            text = with_member(text, "checks", self._members.of(view, details=question.details))
        return to_bytes(text)

    def _answer(self, view: HealthReport, excluded: tuple[str, ...]) -> str:
        return written(self._probe, ProbeDocument(*view.verdict, view.quarantined, excluded, view.notes))

    def _whole(self, view: HealthReport, question: ProbeQuery, excluded: tuple[str, ...]) -> str:
        who, details = self._identity, question.details
        document = HealthDocument(
            status=view.verdict.status,
            service=who.service if details else None,
            version=who.version,
            release=(who.release or None) if details else None,
            boot_id=who.boot_id if details else None,
            started=who.started if details else None,
            quarantined=view.quarantined,
            notes=view.notes,
            probes=view.probes,
            excluded=excluded,
        )
        return written(self._health, document)

    def _member(self, state: State | Detail) -> str:
        return f'"{state.name}": {written(self._check, state)}'
