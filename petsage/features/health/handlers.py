"""Handlers of the probes."""

from aiohttp import web

from petsage.checks import Probe
from petsage.features.health.auth import Auth
from petsage.features.health.operations import check_operation, health_operation, probe_operation
from petsage.features.health.query import is_plain, read_query
from petsage.features.health.service import Health
from petsage.http import ProblemError, attach_verdict
from petsage.probes.cache import VARY, ResponseCache
from petsage.probes.query import PATHS
from petsage.probes.report import UnknownCheckError


class HealthHandlers:
    """Answers plain queries with encoded bytes, and others after reading their options."""

    def __init__(self, health: Health, responses: ResponseCache, auth: Auth) -> None:
        self._health = health
        self._responses = responses
        self._auth = auth

    def routes(self) -> list[web.RouteDef]:
        """Return each path, and the same with a slash at its end: probes are never redirected."""
        handlers = {
            "/livez": self.livez,
            "/readyz": self.readyz,
            "/startupz": self.startupz,
            "/livez/{check}": self.livez_check,
            "/readyz/{check}": self.readyz_check,
            "/startupz/{check}": self.startupz_check,
            "/health": self.whole,
        }
        return [web.get(path + slash, handler) for path, handler in handlers.items() for slash in ("", "/")]

    @probe_operation("Is this process alive?", "Fails when a restart would help; asks nothing outside the process.")
    async def livez(self, request: web.Request) -> web.Response:
        """Answer for liveness."""
        return self._plain(request, Probe.LIVE) if is_plain(request) else await self._answer(request, Probe.LIVE)

    @probe_operation(
        "Should this instance get requests?", "Fails while a required check or feature does, and in drain."
    )
    async def readyz(self, request: web.Request) -> web.Response:
        """Answer for readiness."""
        return self._plain(request, Probe.READY) if is_plain(request) else await self._answer(request, Probe.READY)

    @probe_operation("Has this instance started?", "Once it has passed it passes for good.")
    async def startupz(self, request: web.Request) -> web.Response:
        """Answer for startup."""
        return self._plain(request, Probe.STARTUP) if is_plain(request) else await self._answer(request, Probe.STARTUP)

    @check_operation("Does one check of liveness pass?")
    async def livez_check(self, request: web.Request) -> web.Response:
        """Answer for one check of liveness."""
        return await self._answer(request, Probe.LIVE)

    @check_operation("Does one check of readiness pass?")
    async def readyz_check(self, request: web.Request) -> web.Response:
        """Answer for one check of readiness."""
        return await self._answer(request, Probe.READY)

    @check_operation("Does one check of startup pass?")
    async def startupz_check(self, request: web.Request) -> web.Response:
        """Answer for one check of startup."""
        return await self._answer(request, Probe.STARTUP)

    @health_operation("Is everything healthy?")
    async def whole(self, request: web.Request) -> web.Response:
        """Answer for all probes."""
        return await self._answer(request, None)

    def _plain(self, request: web.Request, probe: Probe) -> web.Response:
        answer = self._responses.plain_answer(probe, self._health.snapshot())
        attach_verdict(request, answer.verdict)
        return answer.response.response()

    async def _answer(self, request: web.Request, probe: Probe | None) -> web.Response:
        query = read_query(request, probe, self._auth)
        try:
            if "fresh" in request.query:
                self._auth.require_token(request)
                await self._health.fresh(query, lambda: not _is_disconnected(request))
            detailed = self._responses.needs_details(query)
            snapshot = self._health.details() if detailed else self._health.snapshot()
            answer = self._responses.answer(query, snapshot)
        except UnknownCheckError as unknown:
            raise _not_found(unknown, probe) from unknown
        attach_verdict(request, answer.verdict)
        return answer.response.response()


def _is_disconnected(request: web.BaseRequest) -> bool:
    """Return whether the client has closed the connection."""
    return request.transport is None or request.transport.is_closing()


def _not_found(unknown: UnknownCheckError, probe: Probe | None) -> ProblemError:
    known = ", ".join(unknown.known) or "none"
    detail = f"{PATHS[probe]} has no check of this name, only: {known}"
    return ProblemError(404, detail, headers={"Vary": VARY}, known=list(unknown.known))
