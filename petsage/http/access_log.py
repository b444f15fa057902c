"""Access log; of repeated probes only changes are logged."""

import logging
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NamedTuple

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from petsage.http.operation import operation_of
from petsage.text import printable


class ProbeVerdict(NamedTuple):
    """Result of a probe.

    `question` is the same for every form of the probe's URL; `status` is a word such as `pass`; `failing` names what
    fails.
    """

    question: str
    status: str
    failing: Sequence[str] = ()

    def __str__(self) -> str:
        return f"{self.status} ({', '.join(self.failing)})" if self.failing else self.status


_KEY = web.RequestKey("petsage.verdict", ProbeVerdict)


def attach_verdict(request: web.BaseRequest, verdict: ProbeVerdict) -> None:
    """Attach the result of a probe to its request, for the access log."""
    request[_KEY] = verdict


def verdict_of(request: web.BaseRequest) -> ProbeVerdict | None:
    """Return the result that was attached to a request, or None."""
    return request.get(_KEY)


class FailedProbes:
    """Probes that failed when they were last sent, with their results: the last `most` of them."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._known: dict[str, ProbeVerdict] = {}

    def __bool__(self) -> bool:
        return bool(self._known)

    def failed(self, verdict: ProbeVerdict) -> str | None:
        """Add a failure; return what has changed since the last result of this probe, or None."""
        before = self._known.pop(verdict.question, None)
        if before is None and len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[verdict.question] = verdict
        return None if verdict == before else _change(before, verdict)

    def passed(self, verdict: ProbeVerdict) -> str | None:
        """Add a success; return what has changed, or None if the last result was a success or is unknown."""
        before = self._known.pop(verdict.question, None)
        return _change(before, verdict) if before is not None else None


def _change(before: ProbeVerdict | None, now: ProbeVerdict) -> str:
    return f"{now.question}: {before.status} -> {now}" if before is not None else f"{now.question}: {now}"


Mode = Literal["failures", "all", "none"]
_BAD_REQUEST = 400
_UNAVAILABLE = 503
_MAX_PATH = 500


class AccessLog(AbstractAccessLogger):
    """Logs every request: remote, method, path without query (it may hold secrets), status, bytes, ms and user agent.

    The record has the same values as attributes, for a JSON formatter.
    """

    @property
    def enabled(self) -> bool:
        """Whether aiohttp has to measure the time of requests."""
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Log a request; `time` is the seconds since it was received."""
        self._write(request, response, time)

    def _write(self, request: web.BaseRequest, response: web.StreamResponse, time: float, change: str = "") -> None:
        entry: dict[str, Any] = {
            "remote": request.remote or "-",
            "method": printable(request.method),
            "path": printable(request.rel_url.raw_path, _MAX_PATH),
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
    """Logs requests of `quiet` operations only when something has changed.

    That is a success after a failure of the same probe, a 503 with another result than the last one, and every other
    error. aiohttp makes a logger for each connection, so the results are kept in the class: one class for each server
    (see `access_log_class`).
    """

    failed_probes: ClassVar[FailedProbes] = FailedProbes()

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Log a request, unless it is quiet and nothing has changed."""
        bad = response.status == _UNAVAILABLE
        if (response.status >= _BAD_REQUEST and not bad) or not _is_quiet(request):
            super().log(request, response, time)
        elif bad:
            self._write_change(self.failed_probes.failed(_verdict(request, response)), request, response, time)
        elif self.failed_probes:
            self._write_change(self.failed_probes.passed(_verdict(request, response)), request, response, time)

    def _write_change(
        self, change: str | None, request: web.BaseRequest, response: web.StreamResponse, time: float
    ) -> None:
        if change is not None:
            self._write(request, response, time, change)


class NoLog(AccessLog):
    """Logs nothing; aiohttp does not even call it."""

    enabled = False


def access_log_class(mode: Mode) -> type[AbstractAccessLogger]:
    """Return the access log class of a mode, for aiohttp."""
    if mode == "failures":
        return type("FailuresLog", (FailuresLog,), {"failed_probes": FailedProbes()})
    return {"all": AccessLog, "none": NoLog}[mode]


def _is_quiet(request: web.BaseRequest) -> bool:
    found = operation_of(request.match_info.handler) if isinstance(request, web.Request) else None
    return found is not None and found.quiet


def _verdict(request: web.BaseRequest, response: web.StreamResponse) -> ProbeVerdict:
    """Return the result attached by the handler, or else one of path and status."""
    attached = verdict_of(request)
    return attached if attached is not None else ProbeVerdict(printable(request.rel_url.raw_path), str(response.status))
