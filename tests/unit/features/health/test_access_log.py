"""What the access log keeps of the probes in its mode `failures`: each change of what they say."""

import logging
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer

from petsage.checks import Probe, Severity, Status
from petsage.core.inventory import Entry, Inventory, Quarantine, Step
from petsage.feature import Contribution
from petsage.features.health.container import HealthContainer, contribute
from petsage.features.health.settings import HealthSettings
from petsage.features.smoke_test.container import SmokeTestContainer
from petsage.features.smoke_test.container import contribute as contribute_smoke_test
from petsage.features.smoke_test.settings import SmokeTestSettings
from petsage.http import access_log_class
from petsage.redaction.secret import Secret
from petsage.testing import feature_app
from tests.support.health import BEARER, DB_DOWN, TOKEN, FakeMonitor, a_core, check


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "aiohttp.access")
    return caplog


def changes(caplog: pytest.LogCaptureFixture) -> list[str]:
    records = [vars(record) for record in caplog.records if record.name == "aiohttp.access"]
    return [record.get("change", f"{record['path']} {record['status']}") for record in records]


@pytest.fixture
def inventory() -> Inventory:
    found = Inventory()
    found.add(Entry("orders", "x"))
    found.set_mounted("orders", "x")
    return found


@pytest.fixture
async def client(
    aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer, inventory: Inventory, monitor: FakeMonitor
) -> TestClient[Any, Any]:
    core = a_core(monitor)
    core.inventory.override(inventory)
    health = contribute(HealthContainer(core=core, settings=HealthSettings(token=Secret(TOKEN))))
    smoke_test = contribute_smoke_test(SmokeTestContainer(core=core, settings=SmokeTestSettings()))
    app = feature_app(Contribution(routes=[*health.routes, *smoke_test.routes]))
    return await aiohttp_client(await aiohttp_server(app, access_log_class=access_log_class("failures")))


@pytest.fixture
def monitor() -> FakeMonitor:
    return FakeMonitor(check("db"), check("cache"), check("loop", probes=(Probe.LIVE,)))


FORMS = [
    "",
    "/",
    "?",
    "?verbose",
    "?fresh",
    "?format=text",
    "?format=health%2Bjson",
    "?format=text&verbose",
    "?exclude=nope",
]


async def ask_in_all_forms(client: TestClient[Any, Any], *paths: str) -> None:
    for path in paths:
        for form in FORMS:
            for method in ("GET", "HEAD"):
                await (await client.request(method, f"{path}{form}", headers=BEARER)).read()


async def test_a_red_probe_is_one_line_in_whatever_form_it_is_asked_for(
    client: TestClient[Any, Any], monitor: FakeMonitor, lines: pytest.LogCaptureFixture
) -> None:
    paths = ("/livez", "/readyz", "/startupz", "/health", "/readyz/db", "/readyz/cache")
    await ask_in_all_forms(client, *paths)
    assert changes(lines) == []
    monitor.put(DB_DOWN)
    await ask_in_all_forms(client, *paths)
    await ask_in_all_forms(client, *paths)
    assert changes(lines) == ["readyz: fail (db)", "health: fail (db)", "readyz/db: fail (db)"]
    lines.clear()
    monitor.put(check("cache", Status.PENDING))
    await ask_in_all_forms(client, "/readyz", "/readyz/cache")
    assert changes(lines) == ["readyz: fail -> fail (db, cache)", "readyz/cache: pending (cache)"]
    lines.clear()
    monitor.put(check("db", Status.WARN))
    monitor.put(check("cache", Status.FAIL, severity=Severity.DEGRADED))
    await ask_in_all_forms(client, *paths)
    assert changes(lines) == [
        "readyz: fail -> warn",
        "health: fail -> warn",
        "readyz/db: fail -> warn",
        "readyz/cache: pending -> warn",
    ]


async def test_what_is_left_out_makes_another_question_and_an_unknown_name_does_not(
    client: TestClient[Any, Any], monitor: FakeMonitor, lines: pytest.LogCaptureFixture
) -> None:
    monitor.put(DB_DOWN)
    for number in range(100):
        for path in (f"/readyz?exclude={number}", "/readyz?exclude=db", f"/readyz?exclude=cache&exclude={number}"):
            await (await client.get(path)).read()
    assert changes(lines) == ["readyz: fail (db)", "readyz without cache: fail (db)"]


async def test_the_smoke_test_is_a_probe_too(
    client: TestClient[Any, Any], inventory: Inventory, lines: pytest.LogCaptureFixture
) -> None:
    await ask_in_all_forms(client, "/smoke-test")
    inventory.set_quarantined("orders", "x", Quarantine(Step.RUN, "OSError", "0123abcd"))
    await ask_in_all_forms(client, "/smoke-test")
    inventory.set_mounted("orders", "x")
    await ask_in_all_forms(client, "/smoke-test")
    assert changes(lines) == ["smoke-test: fail (orders)", "smoke-test: fail -> pass"]


async def test_a_question_that_is_refused_is_logged_each_time(
    client: TestClient[Any, Any], lines: pytest.LogCaptureFixture
) -> None:
    for path in ("/readyz/nope", "/readyz?format=xml", "/readyz?fresh"):
        for _ in range(2):
            await (await client.get(path)).read()
    refused = ["/readyz/nope 404", "/readyz 400", "/readyz 403"]
    assert changes(lines) == [line for line in refused for _ in range(2)]
