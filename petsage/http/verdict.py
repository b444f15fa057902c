"""What the answer of a probe says, for the access log: probes are asked for ever, and only a change is news."""

from collections.abc import Sequence
from typing import NamedTuple

from aiohttp import web


class Verdict(NamedTuple):
    """The answer to a question that is asked again and again.

    `question` is the same for every form in which it can be asked; `status` is a word such as `pass`; `failing` names
    what keeps the answer from being a good one.
    """

    question: str
    status: str
    failing: Sequence[str] = ()

    def __str__(self) -> str:
        return f"{self.status} ({', '.join(self.failing)})" if self.failing else self.status


_KEY = web.RequestKey("petsage.verdict", Verdict)


def tell_verdict(request: web.BaseRequest, verdict: Verdict) -> None:
    """Let the access log know what the answer to this request says."""
    request[_KEY] = verdict


def verdict_of(request: web.BaseRequest) -> Verdict | None:
    """Return what the answer to this request says, if its handler has told."""
    return request.get(_KEY)


class BadAnswers:
    """The questions whose last answer was bad, each with what it said: at most `most`, those asked last."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._known: dict[str, Verdict] = {}

    def __bool__(self) -> bool:
        return bool(self._known)

    def bad(self, verdict: Verdict) -> str | None:
        """Take note of a bad answer; return what has changed since the last one to this question, None for nothing."""
        before = self._known.pop(verdict.question, None)
        if before is None and len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[verdict.question] = verdict
        return None if verdict == before else _change(before, verdict)

    def good(self, verdict: Verdict) -> str | None:
        """Take note of a good answer; return what has changed, None where the last one was good or is not known."""
        before = self._known.pop(verdict.question, None)
        return _change(before, verdict) if before is not None else None


def _change(before: Verdict | None, now: Verdict) -> str:
    return f"{now.question}: {before.status} -> {now}" if before is not None else f"{now.question}: {now}"
