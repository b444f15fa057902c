"""The access log: one line a request, or only those that somebody wants to read."""

import logging
from typing import Literal

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from petsage.http.operation import operation_of
from petsage.text import printable

Mode = Literal["failures", "all", "none"]
_FIRST_ERROR = 400
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
        entry = {
            "remote": request.remote or "-",
            "method": printable(request.method),
            "path": printable(request.rel_url.raw_path, _LONGEST_PATH),
            "status": response.status,
            "size": response.body_length,
            "duration_ms": round(time * 1000, 3),
            "user_agent": printable(request.headers.get("User-Agent", "-")).replace('"', '\\"'),
        }
        self.logger.info('%s "%s %s" %s %s %sms "%s"', *entry.values(), extra=entry)


class FailuresLog(AccessLog):
    """Leaves out the successful answers of operations that are `quiet`."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write the line, unless nobody wants to read it."""
        if response.status >= _FIRST_ERROR or not _is_quiet(request):
            super().log(request, response, time)


class NoLog(AccessLog):
    """Writes nothing, and aiohttp knows it."""

    enabled = False


def access_log_class(mode: Mode) -> type[AbstractAccessLogger]:
    """Return the class that `server.access_log` asks for, to be handed to aiohttp."""
    return {"all": AccessLog, "failures": FailuresLog, "none": NoLog}[mode]


def _is_quiet(request: web.BaseRequest) -> bool:
    found = operation_of(request.match_info.handler) if isinstance(request, web.Request) else None
    return found is not None and found.quiet
