"""`application/json`, the default: a verdict, and on demand the checks, one by one."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from petsage.checks import Detail, Probe, State, Status, Verdict
from petsage.features.health.schemas import CheckSchema, HealthSchema, ProbeSchema
from petsage.features.health.view import View
from petsage.features.health.writing import presentable, to_bytes, with_member, written
from petsage.identity import Identity


class ProbeDocument(NamedTuple):
    """The answer of a probe, its checks apart."""

    status: Status
    failing: tuple[str, ...]
    pending: tuple[str, ...]
    warning: tuple[str, ...]
    excluded: tuple[str, ...] | None
    notes: tuple[str, ...]


class HealthDocument(NamedTuple):
    """The whole, its checks apart."""

    status: Status
    service: str | None
    version: str
    release: str | None
    boot_id: str | None
    started: datetime | None
    notes: tuple[str, ...]
    probes: Mapping[Probe, Verdict]
    excluded: tuple[str, ...]


class PlainJson:
    """Writes views; a check is written once for each of its results, however many documents it stands in."""

    media_type = "application/json"
    content_type = "application/json; charset=utf-8"

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._probe, self._health, self._check = ProbeSchema(), HealthSchema(), CheckSchema()
        self._written: dict[tuple[str, bool], tuple[State | Detail, str]] = {}

    def write(self, view: View, *, verbose: bool, details: bool, title: str) -> bytes:  # noqa: ARG002 (one signature for all dialects)
        """Return the answer of a probe."""
        excluded = tuple(name for name in view.checks if name in view.excluded) if verbose else ()
        text = written(self._probe, ProbeDocument(*view.verdict, excluded, notes_of(view)))
        return to_bytes(with_member(text, "checks", self._checks(view, details=details)) if verbose else text)

    def write_whole(self, view: View, *, details: bool) -> bytes:
        """Return the whole."""
        who = self._identity
        document = HealthDocument(
            status=view.verdict.status,
            service=who.service if details else None,
            version=who.version,
            release=(who.release or None) if details else None,
            boot_id=who.boot_id if details else None,
            started=who.started if details else None,
            notes=notes_of(view),
            probes=view.probes,
            excluded=tuple(name for name in view.checks if name in view.excluded),
        )
        return to_bytes(with_member(written(self._health, document), "checks", self._checks(view, details=details)))

    def _checks(self, view: View, *, details: bool) -> str:
        shown = (state for name, state in view.checks.items() if name not in view.excluded)
        return f"{{{', '.join(self._member(state, details=details) for state in shown)}}}"

    def _member(self, state: State | Detail, *, details: bool) -> str:
        known = self._written.get((state.name, details))
        if known is None or known[0] is not state:
            text = f'"{state.name}": {written(self._check, presentable(state, details=details))}'
            known = self._written[state.name, details] = (state, text)
        return known[1]


def notes_of(view: View) -> tuple[str, ...]:
    """Return what was asked and cannot be, in kube-apiserver's words."""
    if not view.unknown:
        return ()
    import json  # noqa: PLC0415
    quoted = ",".join(json.dumps(name) for name in view.unknown)
    return (f"some health checks cannot be excluded: no matches for {quoted}",)
