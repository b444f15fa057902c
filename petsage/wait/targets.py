"""Targets of a wait: URLs that are requested, and checks that are run in this process."""

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from petsage.checks import NO_DEADLINE, CheckFailed, CheckSpec, Monitor, Status, effective_status
from petsage.redaction import Secret
from petsage.text import printable
from petsage.wait.diagnosis import classify_error, classify_response, classify_timeout, classify_unreadable
from petsage.wait.http_client import TargetResponse, fetch
from petsage.wait.status import TargetStatus
from petsage.wait.target_url import TargetUrl

HEALTH = "/health"
_MEMBERS = {"version": ("version",), "release": ("release", "releaseId")}
_UNAUTHORIZED = 401

ACCEPTED = {"pass": (Status.PASS,), "warn": (Status.PASS, Status.WARN)}
"""Statuses that count as ready: only `pass`; or `warn` too, as for orchestrators, since both are answered with 200."""


@dataclass(frozen=True)
class ExpectedBuild:
    """Version and release that a target must report, so that a wait ends when a rollout has replaced the old build.

    None accepts any. `token` is sent to `/health`, which reports the release only to those who have access.
    """

    version: str | None = None
    release: str | None = None
    token: Secret | None = None

    def expected(self) -> dict[str, str]:
        """Return the expected values by name, without those that may be anything."""
        values = {"version": self.version, "release": self.release}
        return {name: value for name, value in values.items() if value is not None}

    def is_reported_by(self, response: TargetResponse) -> bool:
        """Return whether the response has every value that is expected, right or wrong."""
        return all(response.member(*_MEMBERS[name]) is not None for name in self.expected())

    def mismatch(self, response: TargetResponse) -> TargetStatus | None:
        """Return the status of a target whose build is wrong or unknown; None if it is the expected one."""
        for name, expected in self.expected().items():
            found = response.member(*_MEMBERS[name])
            if found is None:
                return self._unknown(name, response)
            if found != expected:
                text = f"{printable(found)}, not {expected}"
                hint = "the rollout: another build answers; has the image been built and pulled?"
                return TargetStatus(ready=False, state=f"wrong {name}", text=text, hint=hint)
        return None

    def _unknown(self, name: str, response: TargetResponse) -> TargetStatus:
        if response.status == _UNAUTHORIZED:
            text, hint = "it refuses the token", "PETSAGE_TOKEN here, and features.health.token there"
        else:
            text = f"it does not report its {name}"
            hint = f"its {HEALTH}, which reports the release to those with features.health.token: set PETSAGE_TOKEN"
        return TargetStatus(ready=False, state=f"unknown {name}", text=text, hint=hint)


@dataclass(frozen=True)
class HttpTarget:
    """One URL, requested at each poll."""

    target: TargetUrl
    accepted: Collection[Status] = ACCEPTED["warn"]
    build: ExpectedBuild = field(default_factory=ExpectedBuild)

    @property
    def name(self) -> str:
        """The URL, without user, password and query."""
        return self.target.name

    async def poll(self) -> TargetStatus:
        """Request the URL, and classify the response; nothing that a server sends ends the wait for other targets."""
        try:
            response = await fetch(self.target)
            status = classify_response(response, self.accepted, self.target)
            return (await self._mismatch(response) or status) if status.ready else status
        except CheckFailed as error:
            return classify_error(error)
        except TimeoutError:
            return classify_timeout(self.target)
        except Exception as error:  # noqa: BLE001 (the client may fail in any way over a malformed response)
            return classify_unreadable(error, self.target)

    async def _mismatch(self, response: TargetResponse) -> TargetStatus | None:
        if not self.build.is_reported_by(response):
            token = self.build.token.reveal() if self.build.token else ""
            response = await fetch(self.target.with_path(HEALTH), token)
        return self.build.mismatch(response)


class CheckTarget:
    """One check, run at each poll; a failing check of severity `degraded` counts as `warn`."""

    def __init__(self, monitor: Monitor, spec: CheckSpec, accepted: Collection[Status]) -> None:
        self.name = spec.name
        self._monitor = monitor
        self._accepted = accepted
        self._hint = f"the settings of {spec.origin or spec.name}, and whether what it asks can be reached from here"

    async def poll(self) -> TargetStatus:
        """Run the check, or share its run that is in flight."""
        details = await self._monitor.fresh([self.name], deadline=NO_DEADLINE)
        detail = details.checks[self.name]
        status = effective_status(detail)
        ready = status in self._accepted
        return TargetStatus(ready, status.value, detail.reason or "", "" if ready else self._hint)


@asynccontextmanager
async def check_targets(specs: Iterable[CheckSpec], accepted: Collection[Status]) -> AsyncIterator[list[CheckTarget]]:
    """Start a monitor of the enabled checks, and yield a target for each of them."""
    enabled = [spec for spec in specs if spec.enabled]
    async with Monitor(enabled) as monitor:
        yield [CheckTarget(monitor, spec, accepted) for spec in enabled]
