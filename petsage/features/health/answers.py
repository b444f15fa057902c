"""The answers, as bytes: made when what they say has changed, and not for each request."""

from typing import NamedTuple, Protocol

from aiohttp import web
from multidict import CIMultiDict

from petsage.checks import Probe
from petsage.features.health.access import VARY
from petsage.features.health.service import Health, Stand
from petsage.features.health.view import Asked, Format, Question, View
from petsage.http import Kept

_MOST = 64
"""Questions whose answers are kept; those of the plain probes are kept apart."""

_ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": VARY}


class Dialect(Protocol):
    """Writes views."""

    content_type: str

    def write(self, view: View, question: Question) -> bytes: ...  # noqa: D102 (said above)


class Answer(NamedTuple):
    """An answer, and the stand of which it is true."""

    stand: Stand
    kept: Kept


class Answers:
    """Writes what the service decides, in the dialect that is asked for."""

    def __init__(self, health: Health, *, json: Dialect, text: Dialect, health_json: Dialect) -> None:
        self._health = health
        self._dialects = {Format.JSON: json, Format.TEXT: text, Format.HEALTH_JSON: health_json}
        self._plain: dict[Probe, Answer] = {}
        self._kept: dict[Question, Answer] = {}

    def plain(self, probe: Probe) -> web.Response:
        """Return the plain answer of a probe: its verdict as JSON."""
        stand, kept = self._health.stand(), self._plain.get(probe)
        if kept is None or kept.stand is not stand:
            kept = self._plain[probe] = self._written(stand, Question(Asked(probe)))
        return kept.kept.response()

    def to(self, question: Question) -> web.Response:
        """Return the answer to a question. Raise `UnknownCheck`."""
        listing = question.format is not Format.TEXT and (question.verbose or question.asked.probe is None)
        detailed = listing or question.format is Format.HEALTH_JSON
        stand = self._health.detailed() if detailed else self._health.stand()
        kept = self._kept.get(question)
        if kept is None or kept.stand is not stand:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            kept = self._kept[question] = self._written(stand, question)
        return kept.kept.response()

    def _written(self, stand: Stand, question: Question) -> Answer:
        view = self._health.view(stand, question.asked)
        dialect = self._dialects[question.format]
        headers = CIMultiDict({"Content-Type": dialect.content_type, **_ALWAYS})
        if view.retry_after is not None:
            headers["Retry-After"] = str(view.retry_after)
        return Answer(stand, Kept(200 if view.passed else 503, headers, dialect.write(view, question)))
