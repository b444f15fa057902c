"""HTTP in, HTTP out."""

from dataclasses import dataclass

from aiohttp import web

from petsage.features.smoke_test.schemas import SmokeTestProblemSchema, SmokeTestSchema
from petsage.features.smoke_test.service import Failed, Failure, Passed, SmokeTest
from petsage.http import ProbeVerdict, Problem, Reply, attach_verdict, operation

PATH = "/smoke-test"
_QUESTION = "smoke-test"
_PASSED = ProbeVerdict(_QUESTION, "pass")


@dataclass(frozen=True, kw_only=True)
class SmokeTestProblem(Problem):
    """The problem of a failed smoke test."""

    feature: str
    failures: tuple[Failure, ...]


class SmokeTestHandlers:
    """Asks the service and answers."""

    def __init__(self, smoke_test: SmokeTest) -> None:
        self._smoke_test = smoke_test
        self._failed: Failed | None = None
        self._reply = Reply(None, status=503)
        self._told = _PASSED

    def routes(self) -> list[web.RouteDef]:
        """`/smoke-test`, and the same with a slash at its end: probes are never redirected."""
        return [web.get(PATH, self.show), web.get(f"{PATH}/", self.show)]

    @operation(
        summary="Perform a System Smoke Test",
        description="Says whether every required feature that was found is mounted and running. "
        "It asks nothing outside the process, so it may be asked every second.",
        tags=["System Health"],
        responses={200: SmokeTestSchema(), 503: SmokeTestProblemSchema()},
        quiet=True,
        reuse=True,
    )
    async def show(self, request: web.Request) -> Passed | Reply:
        """Answer with the verdict."""
        verdict = self._smoke_test.verdict()
        if isinstance(verdict, Passed):
            if self._failed is not None:  # without a failure before it, nobody has to know that it passed
                attach_verdict(request, _PASSED)
            return verdict
        reply = self._refusal(verdict)
        attach_verdict(request, self._told)
        return reply

    def _refusal(self, failed: Failed) -> Reply:
        if failed is not self._failed:
            self._failed = failed
            self._reply = Reply(_problem(failed), status=503)
            self._told = ProbeVerdict(_QUESTION, "fail", tuple(failure.feature for failure in failed.failures))
        return self._reply


def _problem(failed: Failed) -> SmokeTestProblem:
    names = ", ".join(failure.feature for failure in failed.failures)
    detail = f"required features are not served: {names}"
    return SmokeTestProblem(status=503, detail=detail, instance=PATH, feature=failed.feature, failures=failed.failures)
