"""The answers, as bytes: made when what they say has changed, and not for each request."""

from typing import NamedTuple, Protocol

from aiohttp import web
from multidict import CIMultiDict

from petsage.checks import Probe
from petsage.features.health.access import VARY
from petsage.features.health.service import Health, HealthSnapshot
from petsage.http import CachedResponse, ProbeVerdict, attach_verdict
from petsage.probes.report import PATHS, CheckFilter, Format, HealthReport, ProbeQuery

_MOST = 64
"""Questions whose answers are kept; those of the plain probes are kept apart."""

_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": VARY}


class Renderer(Protocol):
    """Writes views."""

    content_type: str

    def write(self, view: HealthReport, question: ProbeQuery) -> bytes: ...  # noqa: D102 (said above)


class CachedAnswer(NamedTuple):
    """An answer, the stand of which it is true, and what it says in a few words."""

    stand: HealthSnapshot
    kept: CachedResponse
    verdict: ProbeVerdict

    def response(self, request: web.Request) -> web.Response:
        """Return one request's own, and let the access log know what it says."""
        attach_verdict(request, self.verdict)
        return self.kept.response()


class ResponseCache:
    """Writes what the service decides, in the dialect that is asked for."""

    def __init__(self, health: Health, *, json: Renderer, text: Renderer, health_json: Renderer) -> None:
        self._health = health
        self._dialects = {Format.JSON: json, Format.TEXT: text, Format.HEALTH_JSON: health_json}
        self._plain: dict[Probe, CachedAnswer] = {}
        self._kept: dict[ProbeQuery, CachedAnswer] = {}

    def plain(self, request: web.Request, probe: Probe) -> web.Response:
        """Return the plain answer of a probe: its verdict as JSON."""
        stand, kept = self._health.stand(), self._plain.get(probe)
        if kept is None or kept.stand is not stand:
            kept = self._plain[probe] = self._written(stand, ProbeQuery(CheckFilter(probe)))
        return kept.response(request)

    def to(self, request: web.Request, question: ProbeQuery) -> web.Response:
        """Return the answer to a question that a request asks. Raise `UnknownCheckError`."""
        listing = question.format is not Format.TEXT and (question.verbose or question.asked.probe is None)
        detailed = listing or question.format is Format.HEALTH_JSON
        stand = self._health.detailed() if detailed else self._health.stand()
        kept = self._kept.get(question)
        if kept is None or kept.stand is not stand:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            kept = self._kept[question] = self._written(stand, question)
        return kept.response(request)

    def _written(self, stand: HealthSnapshot, question: ProbeQuery) -> CachedAnswer:
        view = self._health.view(stand, question.asked)
        dialect = self._dialects[question.format]
        headers = CIMultiDict({"Content-Type": dialect.content_type, **_ALWAYS})
        if view.retry_after is not None:
            headers["Retry-After"] = str(view.retry_after)
        kept = CachedResponse(200 if view.passed else 503, headers, dialect.write(view, question))
        return CachedAnswer(stand, kept, _verdict(view, question.asked))


def _verdict(view: HealthReport, asked: CheckFilter) -> ProbeVerdict:
    """Return what the answer says; a check that no probe has can be left out without changing the question."""
    question = PATHS[asked.probe] if asked.check is None else f"{PATHS[asked.probe]}/{asked.check}"
    if view.excluded:
        question = f"{question} without {', '.join(sorted(view.excluded))}"
    return ProbeVerdict(question, view.verdict.status, tuple(name for name in view.checks if name in view.red))
