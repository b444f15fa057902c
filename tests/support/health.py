"""Helpers for tests of the probes: a monitor with given states, and the feature around it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp.typedefs import LooseHeaders
from pytest_aiohttp import AiohttpClient

from petsage.bootstrap import load
from petsage.checks import Change, CheckSpec, CheckState, Monitor, Probe, Severity, Snapshot, Status
from petsage.core.container import Core
from petsage.core.identity import Identity
from petsage.core.lifecycle import Phase
from petsage.features.health.container import HealthContainer, contribute
from petsage.features.health.settings import HealthSettings
from petsage.redaction.secret import Secret
from petsage.testing import feature_app
from tests.support.project import Client

TOKEN = "correct-horse-battery"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SINCE = datetime(2026, 11, 23, 3, 38, 41, tzinfo=UTC)
RAN = SINCE + timedelta(seconds=70)
READY = (Probe.READY,)


def check(name: str, status: Status = Status.PASS, **members: Any) -> CheckState:
    """Return a check that has run, or has not when it is pending."""
    known = {} if status is Status.PENDING else {"last_run": RAN, "duration_ms": 2.5}
    given: dict[str, Any] = {"probes": READY, "severity": Severity.CRITICAL, "since": SINCE, **known, **members}
    return CheckState(name, status, **given)


DB_DOWN = check(
    "db", Status.FAIL, reason="connection refused", ref="5e1f0c3a", consecutive_failures=3, observed={"latency_ms": 7.5}
)


class FakeMonitor:
    """Monitor with given states, which calls its listeners when one is put in; `fresh` only records its arguments."""

    def __init__(self, *details: CheckState) -> None:
        self._listeners: list[Callable[[Change], None]] = []
        self.asked: list[tuple[list[str], float, float, bool]] = []
        self.specs: dict[str, CheckSpec] = {}
        self._details = Snapshot({one.name: one for one in details})
        self._snapshot = _states_of(self._details)

    def put(self, detail: CheckState) -> None:
        before = self._details.checks[detail.name].status
        self._details = Snapshot({**self._details.checks, detail.name: detail})
        self._snapshot = _states_of(self._details)
        change = Change(detail.name, before, detail.status, 1.0, 0, SINCE, detail.reason, detail.ref)
        for listener in [*self._listeners]:
            listener(change)

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def details(self) -> Snapshot:
        return self._details

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def spec(self, name: str) -> CheckSpec | None:
        return self.specs.get(name)

    async def fresh(
        self, names: Iterable[str], deadline: float, *, floor: float, wanted: Callable[[], bool]
    ) -> Snapshot:
        self.asked.append(([*names], deadline, floor, wanted()))
        return self._details


def _states_of(details: Snapshot) -> Snapshot:
    defaults = CheckState._field_defaults
    last_run = {name: defaults[name] for name in ("last_run", "duration_ms", "consecutive_failures", "observed")}
    return Snapshot({name: one._replace(**last_run) for name, one in details.checks.items()})


def a_core(monitor: Monitor | FakeMonitor, *, up: bool = True) -> Core:
    """Return a Core with this monitor; its lifecycle is `up`."""
    core = load().core
    core.monitor.override(monitor)
    core.identity.override(Identity(version="1.2.3", release="r7", boot_id="b" * 32, started=SINCE))
    if up:
        core.lifecycle().advance(Phase.UP)
    return core


async def probes(aiohttp_client: AiohttpClient, core: Core, **settings: Any) -> Client:
    """Serve the feature alone."""
    container = HealthContainer(core=core, settings=HealthSettings(**settings))
    return await aiohttp_client(feature_app(contribute(container)))


async def probes_with_token(aiohttp_client: AiohttpClient, core: Core, **settings: Any) -> Client:
    """Serve the feature alone, with a token."""
    return await probes(aiohttp_client, core, token=Secret(TOKEN), **settings)


async def fetch(client: Client, path: str, headers: LooseHeaders | None = None) -> tuple[int, str]:
    """Return status and body."""
    answer = await client.get(path, headers=headers, allow_redirects=False)
    return answer.status, await answer.text()
