"""HTTP handlers."""

from dataclasses import dataclass

from aiohttp import web

from petsage.features.smoke_test.schemas import SmokeTestProblemSchema, SmokeTestSchema
from petsage.features.smoke_test.service import Failed, Failure, Passed, SmokeTestService
from petsage.http import ProbeVerdict, Problem, Reply, attach_verdict, operation

PATH = "/smoke-test"
_PROBE = "smoke-test"
_PASSED = ProbeVerdict(_PROBE, "pass")


@dataclass(frozen=True, kw_only=True)
class SmokeTestProblem(Problem):
    """Problem document of a failed smoke test."""

    feature: str
    failures: tuple[Failure, ...]


class SmokeTestHandlers:
    """Handlers of `/smoke-test`; the reply of a failure is made once, and reused until the result changes."""

    def __init__(self, service: SmokeTestService) -> None:
        self._service = service
        self._failed: Failed | None = None
        self._reply = Reply(None, status=503)
        self._log_entry = _PASSED

    def routes(self) -> list[web.RouteDef]:
        """Return the routes: `/smoke-test` with and without a slash at its end, as probes are never redirected."""
        return [web.get(PATH, self.show), web.get(f"{PATH}/", self.show)]

    @operation(
        summary="Perform a System Smoke Test",
        description="Reports whether every required feature that was found is mounted and running. "
        "It asks nothing outside the process, so it may be asked every second.",
        tags=["System Health"],
        responses={200: SmokeTestSchema(), 503: SmokeTestProblemSchema()},
        quiet=True,
        reuse=True,
    )
    async def show(self, request: web.Request) -> Passed | Reply:
        """Return the result: a document, or a problem with status 503."""
        result = self._service.result()
        if isinstance(result, Passed):
            if self._failed is not None:  # the first success after a failure is logged, those after none are not
                attach_verdict(request, _PASSED)
            return result
        reply = self._failure_reply(result)
        attach_verdict(request, self._log_entry)
        return reply

    def _failure_reply(self, failed: Failed) -> Reply:
        if failed is not self._failed:
            self._failed = failed
            self._reply = Reply(_problem(failed), status=503)
            self._log_entry = ProbeVerdict(_PROBE, "fail", tuple(failure.feature for failure in failed.failures))
        return self._reply


def _problem(failed: Failed) -> SmokeTestProblem:
    names = ", ".join(failure.feature for failure in failed.failures)
    detail = f"required features are not served: {names}"
    return SmokeTestProblem(status=503, detail=detail, instance=PATH, feature=failed.feature, failures=failed.failures)
