"""What the answer of a probe says, for the access log: probes are asked for ever, and only a change is news."""

import logging
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NamedTuple

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from petsage.http.operation import operation_of
from petsage.text import printable


class ProbeVerdict(NamedTuple):
    """The answer to a question that is asked again and again.

    `question` is the same for every form in which it can be asked; `status` is a word such as `pass`; `failing` names
    what keeps the answer from being a good one.
    """

    question: str
    status: str
    failing: Sequence[str] = ()

    def __str__(self) -> str:
        return f"{self.status} ({', '.join(self.failing)})" if self.failing else self.status


_KEY = web.RequestKey("petsage.verdict", ProbeVerdict)


def attach_verdict(request: web.BaseRequest, verdict: ProbeVerdict) -> None:
    """Let the access log know what the answer to this request says."""
    request[_KEY] = verdict


def verdict_of(request: web.BaseRequest) -> ProbeVerdict | None:
    """Return what the answer to this request says, if its handler has told."""
    return request.get(_KEY)


class BadAnswers:
    """The questions whose last answer was bad, each with what it said: at most `most`, those asked last."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._known: dict[str, ProbeVerdict] = {}

    def __bool__(self) -> bool:
        return bool(self._known)

    def bad(self, verdict: ProbeVerdict) -> str | None:
        """Take note of a bad answer; return what has changed since the last one to this question, None for nothing."""
        before = self._known.pop(verdict.question, None)
        if before is None and len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[verdict.question] = verdict
        return None if verdict == before else _change(before, verdict)

    def good(self, verdict: ProbeVerdict) -> str | None:
        """Take note of a good answer; return what has changed, None where the last one was good or is not known."""
        before = self._known.pop(verdict.question, None)
        return _change(before, verdict) if before is not None else None


def _change(before: ProbeVerdict | None, now: ProbeVerdict) -> str:
    return f"{now.question}: {before.status} -> {now}" if before is not None else f"{now.question}: {now}"


Mode = Literal["failures", "all", "none"]
_FIRST_ERROR = 400
_UNAVAILABLE = 503
_LONGEST_PATH = 500


class AccessLog(AbstractAccessLogger):
    """Every request: remote, method, path (never the query, which may hold secrets), status, bytes, ms, user agent.

    The same values stand in the record under their names, for a formatter that writes them as JSON.
    """

    @property
    def enabled(self) -> bool:
        """Whether aiohttp needs to take the time at all."""
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write the line; `time` is the seconds since the request came in."""
        self._write(request, response, time)

    def _write(self, request: web.BaseRequest, response: web.StreamResponse, time: float, change: str = "") -> None:
        entry: dict[str, Any] = {
            "remote": request.remote or "-",
            "method": printable(request.method),
            "path": printable(request.rel_url.raw_path, _LONGEST_PATH),
            "status": response.status,
            "size": response.body_length,
            "duration_ms": round(time * 1000, 3),
            "user_agent": printable(request.headers.get("User-Agent", "-")).replace('"', '\\"'),
        }
        if change:
            self.logger.info('%s "%s %s" %s %s %sms "%s" %s', *entry.values(), change, extra=entry | {"change": change})
        else:
            self.logger.info('%s "%s %s" %s %s %sms "%s"', *entry.values(), extra=entry)


class FailuresLog(AccessLog):
    """Leaves out the answers of operations that are `quiet`, but for those that are news.

    A good answer is news after a bad one to the same question, and a 503 when the last answer to this question was
    another; other errors always are. aiohttp makes a logger for each connection, so what was answered last is kept in
    the class, one for each server (see `access_log_class`).
    """

    bad_answers: ClassVar[BadAnswers] = BadAnswers()

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write the line, unless nobody wants to read it."""
        bad = response.status == _UNAVAILABLE
        if (response.status >= _FIRST_ERROR and not bad) or not _is_quiet(request):
            super().log(request, response, time)
        elif bad:
            self._write_change(self.bad_answers.bad(_verdict(request, response)), request, response, time)
        elif self.bad_answers:
            self._write_change(self.bad_answers.good(_verdict(request, response)), request, response, time)

    def _write_change(
        self, change: str | None, request: web.BaseRequest, response: web.StreamResponse, time: float
    ) -> None:
        if change is not None:
            self._write(request, response, time, change)


class NoLog(AccessLog):
    """Writes nothing, and aiohttp knows it."""

    enabled = False


def access_log_class(mode: Mode) -> type[AbstractAccessLogger]:
    """Return the class that `server.access_log` asks for, to be handed to aiohttp."""
    if mode == "failures":
        return type("FailuresLog", (FailuresLog,), {"bad_answers": BadAnswers()})
    return {"all": AccessLog, "none": NoLog}[mode]


def _is_quiet(request: web.BaseRequest) -> bool:
    found = operation_of(request.match_info.handler) if isinstance(request, web.Request) else None
    return found is not None and found.quiet


def _verdict(request: web.BaseRequest, response: web.StreamResponse) -> ProbeVerdict:
    """Return what the answer says; where the handler has not told, its status to whoever asks at this path."""
    told = verdict_of(request)
    return told if told is not None else ProbeVerdict(printable(request.rel_url.raw_path), str(response.status))
