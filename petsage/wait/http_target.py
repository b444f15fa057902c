"""A URL as a subject."""

from collections.abc import Collection
from dataclasses import dataclass, field

from petsage.checks import CheckFailed, Status
from petsage.wait.build import HEALTH, Build
from petsage.wait.diagnosis import judged, silent, unreached, unreadable
from petsage.wait.http_client import Answer, ask
from petsage.wait.status import Sighting
from petsage.wait.target import Target

ACCEPTED = {"pass": (Status.PASS,), "warn": (Status.PASS, Status.WARN)}
"""What counts as ready: nothing but `pass`, or what an orchestrator takes for ready, `warn` included."""


@dataclass(frozen=True)
class WebSubject:
    """A target; ready when its answer is accepted and, where one is expected, of the right build."""

    target: Target
    accepted: Collection[Status] = ACCEPTED["warn"]
    build: Build = field(default_factory=Build)

    @property
    def name(self) -> str:
        """The URL, without user and password."""
        return self.target.name

    async def look(self) -> Sighting:
        """Ask, and judge the answer; nothing that a stranger sends raises and ends the wait for the others."""
        try:
            answer = await ask(self.target)
            sighting = judged(answer, self.accepted, self.target)
            return (await self._mismatch(answer) or sighting) if sighting.ready else sighting
        except CheckFailed as error:
            return unreached(error)
        except TimeoutError:
            return silent(self.target)
        except Exception as error:  # noqa: BLE001 (a client library may trip over what no server should send)
            return unreadable(error, self.target)

    async def _mismatch(self, answer: Answer) -> Sighting | None:
        if not self.build.told_by(answer):
            answer = await ask(self.target.sibling(HEALTH), self.build.token.reveal() if self.build.token else "")
        return self.build.compared(answer)
