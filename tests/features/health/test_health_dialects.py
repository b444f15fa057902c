"""The dialects, and which one is spoken."""

import pytest
from pytest_aiohttp import AiohttpClient

from petsage.checks import Probe, Severity, Status
from petsage.lifecycle import Phase
from tests.features.health.fakes import BEARER, DB_DOWN, FakeMonitor, a_core, check, probes, probes_with_token, told

JSON, TEXT, HEALTH_JSON = "application/json; charset=utf-8", "text/plain; charset=utf-8", "application/health+json"


async def test_text_is_what_kube_apiserver_writes(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(check("etcd"), check("disk", Status.WARN))
    client = await probes(aiohttp_client, a_core(monitor))
    answer = await client.get("/readyz?format=text")
    assert (answer.status, await answer.text(), answer.headers["Content-Type"]) == (200, "ok", TEXT)
    listed = "[+]features ok\n[+]etcd ok\n[+]disk ok\n[+]shutdown ok\nreadyz check passed\n"
    assert await told(client, "/readyz?format=text&verbose") == (200, listed)
    excluded = (
        "[+]features ok\n[+]etcd excluded: ok\n[+]disk ok\n[+]shutdown ok\n"
        'warn: some health checks cannot be excluded: no matches for "no","nope"\nreadyz check passed\n'
    )
    path = "/readyz?format=text&verbose=false&exclude=nope&exclude=etcd&exclude=no"
    assert await told(client, path) == (200, excluded)
    monitor.put(check("etcd", Status.FAIL, reason="gone"))
    red = "[+]features ok\n[-]etcd failed: reason withheld\n[+]disk ok\n[+]shutdown ok\nreadyz check failed\n"
    assert await told(client, "/readyz?format=text") == (503, red)
    assert await told(client, "/livez?format=text&verbose") == (200, "livez check passed\n")


async def test_text_marks_what_a_probe_waits_for_and_nothing_else(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(
        check("db", Status.PENDING, probes=tuple(Probe)),
        check("mail", Status.FAIL, severity=Severity.DEGRADED),
        check("news", Status.PENDING, severity=Severity.DEGRADED),
    )
    client = await probes(aiohttp_client, a_core(monitor))
    red = "[+]features ok\n[-]db failed: reason withheld\n[+]mail ok\n[+]news ok\n[+]shutdown ok\nreadyz check failed\n"
    assert await told(client, "/readyz?format=text") == (503, red)
    assert await told(client, "/livez?format=text&verbose") == (200, "[+]db ok\nlivez check passed\n")


async def test_text_gives_the_reason_in_one_line_to_those_who_may_see_it(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(check("db", Status.FAIL, reason="refused\n[+]forged ok"), check("new", Status.PENDING))
    client = await probes_with_token(aiohttp_client, a_core(monitor))
    red = "[-]db failed: refused [+]forged ok\n[-]new failed: pending\n"
    whole = f"[+]features ok\n{red}[+]shutdown ok\nreadyz check failed\n"
    assert await told(client, "/readyz?format=text", BEARER) == (503, whole)


async def test_text_of_the_whole(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("loop", Status.FAIL, probes=(Probe.LIVE,)))))
    red = "[+]features ok\n[-]loop failed: reason withheld\n[+]shutdown ok\nhealth check failed\n"
    assert await told(client, "/health?format=text") == (503, red)


async def test_health_json_is_a_document_of_the_draft(aiohttp_client: AiohttpClient) -> None:
    core = a_core(
        FakeMonitor(DB_DOWN, check("new", Status.PENDING), check("disk", observed={"free_percent": 9.5, "ok": True}))
    )
    client = await probes_with_token(aiohttp_client, core)
    answer = await client.get(
        "/readyz?exclude=features&exclude=shutdown&exclude=x", headers={"Accept": HEALTH_JSON, **BEARER}
    )
    assert (answer.status, answer.headers["Content-Type"]) == (503, HEALTH_JSON)
    ran, since = "2026-11-23T03:39:51+00:00", "2026-11-23T03:38:41+00:00"
    db = {"componentId": "db", "componentType": "component", "status": "fail", "time": ran}
    new = {"componentId": "new", "componentType": "component", "status": "fail", "time": since}
    disk = {"componentId": "disk", "componentType": "component", "status": "pass", "time": ran}
    stranger = {
        "status": "fail",
        "version": "1.2.3",
        "notes": ['some health checks cannot be excluded: no matches for "x"'],
        "checks": {"db": [{**db, "output": "ref 5e1f0c3a"}], "new": [new], "disk": [disk]},
    }
    measured = {"observedValue": 7.5, "observedUnit": "ms", "output": "connection refused (ref 5e1f0c3a)"}
    assert await answer.json(content_type=None) == {
        **stranger,
        "releaseId": "r7",
        "serviceId": "petsage",
        "checks": {
            "db:latency_ms": [{**db, **measured}],
            "new": [new],
            "disk:free_percent": [{**disk, "observedValue": 9.5, "observedUnit": "%"}],
            "disk:ok": [{**disk, "observedValue": True}],
        },
    }
    answer = await client.get("/readyz?exclude=features&exclude=shutdown&exclude=x&format=health%2Bjson")
    assert await answer.json(content_type=None) == stranger


async def test_health_json_has_no_word_for_pending(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("db", Status.PENDING))))
    answer = await client.get("/health?format=health+json")
    assert (answer.status, (await answer.json(content_type=None))["status"]) == (503, "fail")
    assert answer.headers["Retry-After"] == "1"


async def test_health_json_says_that_it_drains(aiohttp_client: AiohttpClient) -> None:
    core = a_core(FakeMonitor())
    client = await probes(aiohttp_client, core, details="always")
    core.lifecycle().advance(Phase.DRAINING)
    answer = await client.get("/readyz/shutdown?format=health+json")
    shown = (await answer.json(content_type=None))["checks"]["shutdown"]
    assert [(one["status"], one["componentType"], one["output"]) for one in shown] == [("fail", "system", "draining")]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", JSON),
        ("", JSON),
        ("application/json", JSON),
        ("application/*", JSON),
        ("text/plain", TEXT),
        ("TEXT/PLAIN; charset=utf-8", TEXT),
        ("text/*", TEXT),
        ("text/plain, */*", TEXT),
        ("application/json, text/plain, */*", JSON),
        ("text/plain;q=0.5, application/json", JSON),
        ("text/plain;q=0.5, application/json;q=0.4", TEXT),
        ("application/json;q=0, */*", TEXT),
        ("application/health+json, */*;q=0.1", HEALTH_JSON),
        ("application/health+json;q=0", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("image/png", JSON),
        ("text/plain;q=0.0", JSON),
        ("text/plain;q=high", TEXT),
        (";;;,,,/;q=;q=nan", JSON),
        ("text/plain;" * 400, TEXT),
    ],
)
async def test_accept_chooses_and_never_fails(aiohttp_client: AiohttpClient, accept: str, content_type: str) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor()))
    for path in ("/readyz", "/readyz?verbose"):
        answer = await client.get(path, headers={"Accept": accept})
        assert (answer.status, answer.headers["Content-Type"]) == (200, content_type)


async def test_several_accept_headers_are_one(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor()))
    answer = await client.get("/livez", headers=[("Accept", "*/*;q=0.1"), ("Accept", "text/plain")])
    assert (answer.headers["Content-Type"], await answer.text()) == (TEXT, "ok")


async def test_format_overrules_accept_and_an_unknown_one_is_refused(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor()))
    answer = await client.get("/livez?format=json", headers={"Accept": "text/plain"})
    assert (answer.status, await answer.text()) == (200, '{"status": "pass"}')
    answer = await client.get("/livez?format=xml")
    assert (answer.status, answer.headers["Vary"]) == (400, "Accept, Authorization")
    assert await answer.json(content_type=None) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "format is one of json, text, health+json",
        "instance": "/livez",
    }
