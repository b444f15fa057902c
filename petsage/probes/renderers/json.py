"""`application/json`, the default: the status of a probe and, on demand, its checks one by one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from petsage.checks import CheckState, Probe, Status
from petsage.core.identity import Identity
from petsage.http.documents import DocumentEncoder, to_bytes
from petsage.probes.members import Members, with_member
from petsage.probes.query import ProbeQuery
from petsage.probes.renderer import Renderer
from petsage.probes.report import HealthReport
from petsage.probes.schemas import CheckSchema, HealthSchema, ProbeSchema

_CHECKS = ("checks",)
"""The member that is added to an encoded document, because each check is encoded on its own."""


class HealthDocument(NamedTuple):
    """The document of `/health`, without its checks."""

    status: Status
    service: str | None
    version: str
    release: str | None
    boot_id: str | None
    started: datetime | None
    quarantined: tuple[str, ...]
    notes: tuple[str, ...]
    probes: Mapping[Probe, HealthReport]
    excluded: Mapping[str, CheckState]


class JsonRenderer(Renderer):
    """JSON in the project's own format."""

    format = "json"
    media_type = "application/json"
    content_type = "application/json; charset=utf-8"
    preference = 0

    def __init__(self, identity: Identity, component_type: Callable[[str], str]) -> None:
        super().__init__(identity, component_type)
        self._probe = DocumentEncoder(ProbeSchema(exclude=_CHECKS))
        self._health = DocumentEncoder(HealthSchema(exclude=_CHECKS))
        check = DocumentEncoder(CheckSchema())
        self._members = Members(check.text)

    def needs_details(self, query: ProbeQuery) -> bool:
        """Return whether the checks are listed."""
        return query.lists_checks

    def render(self, report: HealthReport, query: ProbeQuery) -> bytes:
        """Return the report as a document, with the checks if the query lists them."""
        if not query.lists_checks:
            return self._probe.encode(report._replace(excluded={}))
        whole = query.probe is None
        text = self._health.text(self._document(report, query)) if whole else self._probe.text(report)
        return to_bytes(with_member(text, "checks", self._members.object_of(report, details=query.details)))

    def _document(self, report: HealthReport, query: ProbeQuery) -> HealthDocument:
        identity, details = self._identity, query.details
        return HealthDocument(
            status=report.status,
            service=identity.service if details else None,
            version=identity.version,
            release=(identity.release or None) if details else None,
            boot_id=identity.boot_id if details else None,
            started=identity.started if details else None,
            quarantined=report.quarantined,
            notes=report.notes,
            probes=report.probes,
            excluded=report.excluded,
        )


RENDERER = JsonRenderer
