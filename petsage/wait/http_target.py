"""Which build a target is: a rollout is over when the new one answers, not when some one does."""

from collections.abc import Collection
from dataclasses import dataclass, field

from petsage.checks import CheckFailed, Status
from petsage.redaction import Secret
from petsage.text import printable
from petsage.wait.diagnosis import classify_error, classify_response, classify_timeout, classify_unreadable
from petsage.wait.http_client import Answer, ask
from petsage.wait.status import TargetStatus
from petsage.wait.target import Target

HEALTH = "/health"
_MEMBERS = {"version": ("version",), "release": ("release", "releaseId")}
_REFUSED = 401


@dataclass(frozen=True)
class Build:
    """The build that is expected; None is any. `token` is shown to targets that tell strangers no release."""

    version: str | None = None
    release: str | None = None
    token: Secret | None = None

    def expected(self) -> dict[str, str]:
        """Return what is asked for, by its name."""
        wanted = {"version": self.version, "release": self.release}
        return {name: value for name, value in wanted.items() if value is not None}

    def told_by(self, answer: Answer) -> bool:
        """Say whether this answer settles the question."""
        return all(answer.member(*_MEMBERS[name]) is not None for name in self.expected())

    def compared(self, answer: Answer) -> TargetStatus | None:
        """Return what is wrong with the build that answered, or None."""
        for name, wanted in self.expected().items():
            found = answer.member(*_MEMBERS[name])
            if found is None:
                return self._untold(name, answer)
            if found != wanted:
                hint = "the rollout: another build answers; has the image been built and pulled?"
                return TargetStatus(
                    ready=False, state=f"wrong {name}", text=f"{printable(found)}, not {wanted}", hint=hint
                )
        return None

    def _untold(self, name: str, answer: Answer) -> TargetStatus:
        if answer.status == _REFUSED:
            hint = "PETSAGE_TOKEN here, and features.health.token there"
            return TargetStatus(ready=False, state=f"unknown {name}", text="it refuses the token", hint=hint)
        hint = f"{HEALTH} there: it tells the release to whoever sends features.health.token; set PETSAGE_TOKEN"
        return TargetStatus(ready=False, state=f"unknown {name}", text=f"it does not tell its {name}", hint=hint)


ACCEPTED = {"pass": (Status.PASS,), "warn": (Status.PASS, Status.WARN)}
"""What counts as ready: nothing but `pass`, or what an orchestrator takes for ready, `warn` included."""


@dataclass(frozen=True)
class HttpTarget:
    """A target; ready when its answer is accepted and, where one is expected, of the right build."""

    target: Target
    accepted: Collection[Status] = ACCEPTED["warn"]
    build: Build = field(default_factory=Build)

    @property
    def name(self) -> str:
        """The URL, without user and password."""
        return self.target.name

    async def look(self) -> TargetStatus:
        """Ask, and judge the answer; nothing that a stranger sends raises and ends the wait for the others."""
        try:
            answer = await ask(self.target)
            sighting = classify_response(answer, self.accepted, self.target)
            return (await self._mismatch(answer) or sighting) if sighting.ready else sighting
        except CheckFailed as error:
            return classify_error(error)
        except TimeoutError:
            return classify_timeout(self.target)
        except Exception as error:  # noqa: BLE001 (a client library may trip over what no server should send)
            return classify_unreadable(error, self.target)

    async def _mismatch(self, answer: Answer) -> TargetStatus | None:
        if not self.build.told_by(answer):
            answer = await ask(self.target.sibling(HEALTH), self.build.token.reveal() if self.build.token else "")
        return self.build.compared(answer)
