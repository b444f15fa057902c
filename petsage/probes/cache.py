"""Encoded answers to probes: rendered when their content changes, not for each request."""

from collections.abc import Mapping
from typing import NamedTuple

from multidict import CIMultiDict

from petsage.checks import Probe, Snapshot
from petsage.http import CachedResponse, ProbeVerdict
from petsage.probes.query import PATHS, ProbeQuery
from petsage.probes.renderer import Renderer
from petsage.probes.report import HealthReport, make_report

VARY = "Accept, Authorization"
_MAX_ANSWERS = 64
"""Limit of queries whose answers are kept; those to plain queries are kept apart, so that no query displaces them."""

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": VARY}


class CachedAnswer(NamedTuple):
    """An encoded answer, the snapshot that it was made of, and a summary for the access log."""

    snapshot: Snapshot
    response: CachedResponse
    verdict: ProbeVerdict


class ResponseCache:
    """Answers to queries. An answer is used again as long as the same snapshot is passed with its query.

    `drain` is the value of `Retry-After` during a shutdown, in seconds.
    """

    def __init__(self, renderers: Mapping[str, Renderer], drain: int) -> None:
        self._renderers = renderers
        self._drain = drain
        self._plain: dict[Probe, CachedAnswer] = {}
        self._others: dict[ProbeQuery, CachedAnswer] = {}

    def plain_answer(self, probe: Probe, snapshot: Snapshot) -> CachedAnswer:
        """Return the answer to the query of a probe without any options."""
        answer = self._plain.get(probe)
        if answer is None or answer.snapshot is not snapshot:
            answer = self._plain[probe] = self._render(snapshot, ProbeQuery(probe))
        return answer

    def needs_details(self, query: ProbeQuery) -> bool:
        """Return whether the answer is made of a snapshot with details."""
        return self._renderers[query.format].needs_details(query)

    def answer(self, query: ProbeQuery, snapshot: Snapshot) -> CachedAnswer:
        """Return the answer to a query. Raise UnknownCheckError."""
        answer = self._others.get(query)
        if answer is None or answer.snapshot is not snapshot:
            if len(self._others) >= _MAX_ANSWERS:
                self._others.clear()
            answer = self._others[query] = self._render(snapshot, query)
        return answer

    def _render(self, snapshot: Snapshot, query: ProbeQuery) -> CachedAnswer:
        report = make_report(snapshot, query, self._drain)
        renderer = self._renderers[query.format]
        headers = CIMultiDict({"Content-Type": renderer.content_type, **_HEADERS})
        if report.retry_after is not None:
            headers["Retry-After"] = str(report.retry_after)
        response = CachedResponse(200 if report.passed else 503, headers, renderer.render(report, query))
        return CachedAnswer(snapshot, response, _summary(report, query))


def _summary(report: HealthReport, query: ProbeQuery) -> ProbeVerdict:
    """Return the result for the access log; excluded names that no check has do not change its `question`."""
    question = PATHS[query.probe] if query.check is None else f"{PATHS[query.probe]}/{query.check}"
    if report.excluded:
        question = f"{question} without {', '.join(sorted(report.excluded))}"
    return ProbeVerdict(question, report.status, tuple(name for name in report.checks if name in report.blocking))
