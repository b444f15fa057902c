"""The access log: one line a request, or only those that somebody wants to read."""

import logging
from typing import Any, ClassVar, Literal

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from petsage.http.operation import operation_of
from petsage.http.verdict import BadAnswers, Verdict, verdict_of
from petsage.text import printable

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


def _verdict(request: web.BaseRequest, response: web.StreamResponse) -> Verdict:
    """Return what the answer says; where the handler has not told, its status to whoever asks at this path."""
    told = verdict_of(request)
    return told if told is not None else Verdict(printable(request.rel_url.raw_path), str(response.status))
