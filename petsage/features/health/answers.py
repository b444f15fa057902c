"""The answers, as bytes: made when what they say has changed, and not for each request."""

from typing import NamedTuple, Protocol

from aiohttp import web
from multidict import CIMultiDict

from petsage.checks import Probe
from petsage.features.health.access import VARY
from petsage.features.health.service import Health, Stand
from petsage.http import Kept, Verdict, tell_verdict
from petsage.probes.report import PATHS, Asked, Format, Question, View

_MOST = 64
"""Questions whose answers are kept; those of the plain probes are kept apart."""

_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": VARY}


class Dialect(Protocol):
    """Writes views."""

    content_type: str

    def write(self, view: View, question: Question) -> bytes: ...  # noqa: D102 (said above)


class Answer(NamedTuple):
    """An answer, the stand of which it is true, and what it says in a few words."""

    stand: Stand
    kept: Kept
    verdict: Verdict

    def response(self, request: web.Request) -> web.Response:
        """Return one request's own, and let the access log know what it says."""
        tell_verdict(request, self.verdict)
        return self.kept.response()


class Answers:
    """Writes what the service decides, in the dialect that is asked for."""

    def __init__(self, health: Health, *, json: Dialect, text: Dialect, health_json: Dialect) -> None:
        self._health = health
        self._dialects = {Format.JSON: json, Format.TEXT: text, Format.HEALTH_JSON: health_json}
        self._plain: dict[Probe, Answer] = {}
        self._kept: dict[Question, Answer] = {}

    def plain(self, request: web.Request, probe: Probe) -> web.Response:
        """Return the plain answer of a probe: its verdict as JSON."""
        stand, kept = self._health.stand(), self._plain.get(probe)
        if kept is None or kept.stand is not stand:
            kept = self._plain[probe] = self._written(stand, Question(Asked(probe)))
        return kept.response(request)

    def to(self, request: web.Request, question: Question) -> web.Response:
        """Return the answer to a question that a request asks. Raise `UnknownCheck`."""
        listing = question.format is not Format.TEXT and (question.verbose or question.asked.probe is None)
        detailed = listing or question.format is Format.HEALTH_JSON
        stand = self._health.detailed() if detailed else self._health.stand()
        kept = self._kept.get(question)
        if kept is None or kept.stand is not stand:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            kept = self._kept[question] = self._written(stand, question)
        return kept.response(request)

    def _written(self, stand: Stand, question: Question) -> Answer:
        view = self._health.view(stand, question.asked)
        dialect = self._dialects[question.format]
        headers = CIMultiDict({"Content-Type": dialect.content_type, **_ALWAYS})
        if view.retry_after is not None:
            headers["Retry-After"] = str(view.retry_after)
        kept = Kept(200 if view.passed else 503, headers, dialect.write(view, question))
        return Answer(stand, kept, _verdict(view, question.asked))


def _verdict(view: View, asked: Asked) -> Verdict:
    """Return what the answer says; a check that no probe has can be left out without changing the question."""
    question = PATHS[asked.probe] if asked.check is None else f"{PATHS[asked.probe]}/{asked.check}"
    if view.excluded:
        question = f"{question} without {', '.join(sorted(view.excluded))}"
    return Verdict(question, view.verdict.status, tuple(name for name in view.checks if name in view.red))
