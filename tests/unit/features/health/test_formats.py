"""Formats of the answers, and the one that is chosen."""

import pytest
from pytest_aiohttp import AiohttpClient

from petsage.bootstrap import load
from petsage.checks import CheckSpec, CheckState, Probe, Severity, Status
from petsage.core.lifecycle import Phase
from tests.support.health import BEARER, DB_DOWN, FakeMonitor, a_core, check, fetch, probes, probes_with_token

JSON, TEXT, HEALTH_JSON = "application/json; charset=utf-8", "text/plain; charset=utf-8", "application/health+json"


async def test_text_is_what_kube_apiserver_writes(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(check("etcd"), check("disk", Status.WARN))
    client = await probes(aiohttp_client, a_core(monitor))
    answer = await client.get("/readyz?format=text")
    assert (answer.status, await answer.text(), answer.headers["Content-Type"]) == (200, "ok", TEXT)
    warning = "warn: some health checks warn: disk\n"
    listed = f"[+]features ok\n[+]etcd ok\n[+]disk ok\n[+]shutdown ok\n{warning}readyz check passed\n"
    assert await fetch(client, "/readyz?format=text&verbose") == (200, listed)
    excluded = (
        "[+]features ok\n[+]etcd excluded: ok\n[+]disk ok\n[+]shutdown ok\n"
        'warn: some health checks cannot be excluded: no matches for "no","nope"\n'
        f"{warning}readyz check passed\n"
    )
    path = "/readyz?format=text&verbose=false&exclude=nope&exclude=etcd&exclude=no"
    assert await fetch(client, path) == (200, excluded)
    monitor.put(check("etcd", Status.FAIL, reason="gone"))
    red = "[+]features ok\n[-]etcd failed: reason withheld\n[+]disk ok\n[+]shutdown ok\n"
    assert await fetch(client, "/readyz?format=text") == (503, f"{red}{warning}readyz check failed\n")
    fine = "[+]features ok\n[+]etcd excluded: ok\n[+]disk excluded: ok\n[+]shutdown ok\nreadyz check passed\n"
    assert await fetch(client, "/readyz?format=text&verbose&exclude=etcd&exclude=disk") == (200, fine)
    assert await fetch(client, "/livez?format=text&verbose") == (200, "livez check passed\n")


async def test_text_marks_what_a_probe_waits_for_and_nothing_else(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(
        check("db", Status.PENDING, probes=tuple(Probe)),
        check("mail", Status.FAIL, severity=Severity.DEGRADED),
        check("news", Status.PENDING, severity=Severity.DEGRADED),
    )
    client = await probes(aiohttp_client, a_core(monitor))
    red = (
        "[+]features ok\n[-]db failed: reason withheld\n[+]mail ok\n[+]news ok\n[+]shutdown ok\n"
        "warn: some health checks warn: mail\nreadyz check failed\n"
    )
    assert await fetch(client, "/readyz?format=text") == (503, red)
    assert await fetch(client, "/livez?format=text&verbose") == (200, "[+]db ok\nlivez check passed\n")


async def test_text_gives_the_reason_in_one_line_to_those_who_may_see_it(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(check("db", Status.FAIL, reason="refused\n[+]forged ok"), check("new", Status.PENDING))
    client = await probes_with_token(aiohttp_client, a_core(monitor))
    red = "[-]db failed: refused [+]forged ok\n[-]new failed: pending\n"
    whole = f"[+]features ok\n{red}[+]shutdown ok\nreadyz check failed\n"
    assert await fetch(client, "/readyz?format=text", BEARER) == (503, whole)


async def test_text_of_the_whole(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("loop", Status.FAIL, probes=(Probe.LIVE,)))))
    red = "[+]features ok\n[-]loop failed: reason withheld\n[+]shutdown ok\nhealth check failed\n"
    assert await fetch(client, "/health?format=text") == (503, red)


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (check("db"), "ok"),
        (check("db", Status.WARN), "warn"),
        (check("db", Status.FAIL, severity=Severity.DEGRADED), "warn"),
        (check("db", Status.PENDING, severity=Severity.DEGRADED), "ok"),
    ],
)
async def test_the_text_of_a_single_check_distinguishes_a_warning(
    aiohttp_client: AiohttpClient, state: CheckState, answer: str
) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(state, check("other", Status.WARN))))
    assert await fetch(client, "/readyz/db?format=text") == (200, answer)
    noted = "warn: some health checks warn: db\n" if answer == "warn" else ""
    listed = f"[+]db ok\n{noted}readyz check passed\n"
    assert await fetch(client, "/readyz/db?format=text&verbose") == (200, listed)
    assert await fetch(client, "/readyz?format=text") == (200, "ok")


@pytest.mark.parametrize("query", ["exclude=bad", "exclude=other&exclude=bad&exclude=nope"])
async def test_on_the_path_of_a_single_check_nothing_is_excluded(aiohttp_client: AiohttpClient, query: str) -> None:
    probe = tuple(Probe)
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("bad", Status.FAIL, probes=probe), check("other"))))
    for path in ("/livez/bad", "/readyz/bad", "/startupz/bad"):
        for form in ("json", "text", "health%2Bjson"):
            for verbose in ("", "&verbose"):
                asked = f"{path}?format={form}{verbose}"
                assert await fetch(client, f"{asked}&{query}") == (503, (await fetch(client, asked))[1])
    assert (await fetch(client, "/livez?exclude=bad"))[0] == 200


RAN, TURNED = "2026-11-23T03:39:51+00:00", "2026-11-23T03:38:41+00:00"


async def test_health_json_is_a_document_of_the_draft(aiohttp_client: AiohttpClient) -> None:
    disk = check("disk", observed={"path": "/", "free_percent": 9.5, "free_bytes": 1024})
    core = a_core(FakeMonitor(DB_DOWN, check("new", Status.PENDING), disk))
    client = await probes_with_token(aiohttp_client, core)
    answer = await client.get(
        "/readyz?exclude=features&exclude=shutdown&exclude=x", headers={"Accept": HEALTH_JSON, **BEARER}
    )
    assert (answer.status, answer.headers["Content-Type"]) == (503, HEALTH_JSON)
    kind = {"componentType": "component"}
    db = {"componentId": "db", **kind, "status": "fail", "time": RAN}
    new = {"componentId": "new", **kind, "status": "fail", "time": TURNED, "output": "no result so far"}
    fine = {"componentId": "disk", **kind, "status": "pass", "time": RAN}
    stranger = {
        "status": "fail",
        "version": "1.2.3",
        "notes": ['some health checks cannot be excluded: no matches for "x"'],
        "checks": {"db": [{**db, "output": "ref 5e1f0c3a"}], "new": [new], "disk": [fine]},
    }
    slow = {"observedValue": 7.5, "observedUnit": "ms", "observed": {"latency_ms": 7.5}}
    full = {"observedValue": 9.5, "observedUnit": "percent", "observed": disk.observed}
    assert await answer.json(content_type=None) == {
        **stranger,
        "releaseId": "r7",
        "serviceId": "petsage",
        "checks": {
            "db": [{**db, **slow, "output": "connection refused (ref 5e1f0c3a)"}],
            "new": [new],
            "disk": [{**fine, **full}],
        },
    }
    answer = await client.get("/readyz?exclude=features&exclude=shutdown&exclude=x&format=health%2Bjson")
    assert await answer.json(content_type=None) == stranger


async def test_the_keys_of_health_json_depend_neither_on_the_state_nor_on_who_asks(
    aiohttp_client: AiohttpClient,
) -> None:
    observed = {"latency_ms": 1.0, "odd": True}
    states = [
        check("db.main", Status.PENDING),
        check("db.main", observed=observed),
        check("db.main", Status.WARN, reason="slow", observed=observed),
        check("db.main", Status.FAIL, reason="gone", ref="0123abcd"),
        check("db.main"),
    ]
    monitor = FakeMonitor(states[0])
    client = await probes_with_token(aiohttp_client, a_core(monitor))
    keys = []
    for state in states:
        monitor.put(state)
        for headers in (None, BEARER):
            answer = await client.get("/readyz?format=health%2Bjson", headers=headers)
            checks = (await answer.json(content_type=None))["checks"]
            keys.append([(key, len(value)) for key, value in checks.items()])
    assert keys == [[("features", 1), ("db.main", 1), ("shutdown", 1)]] * 10


async def test_the_unit_is_that_of_the_first_measurement_that_has_one(aiohttp_client: AiohttpClient) -> None:
    measured: dict[str, dict[str, object]] = {
        "latency_ms": {"addresses": ["::1"], "latency_ms": 2.5},
        "age_s": {"age_s": 3},
        "free_bytes": {"free_bytes": 512, "total_bytes": 1024},
        "free_percent": {"free_percent": 50.0, "free_bytes": 512},
        "connections": {"connections": 3},
    }
    core = a_core(FakeMonitor(*(check(name, observed=observed) for name, observed in measured.items())))
    client = await probes(aiohttp_client, core, details="always")
    answer = await client.get("/readyz?format=health%2Bjson")
    checks = (await answer.json(content_type=None))["checks"]
    found = {
        name: (shown["observedValue"], shown.get("observedUnit"), shown["observed"])
        for name, (shown,) in checks.items()
        if name in measured
    }
    assert found == {
        "latency_ms": (2.5, "ms", measured["latency_ms"]),
        "age_s": (3, "s", measured["age_s"]),
        "free_bytes": (512, "B", measured["free_bytes"]),
        "free_percent": (50.0, "percent", measured["free_percent"]),
        "connections": (3, None, measured["connections"]),
    }


async def test_the_component_type_is_what_the_kind_of_the_check_says(aiohttp_client: AiohttpClient) -> None:
    url = "127.0.0.1:1"
    configured: dict[str, dict[str, object]] = {
        "postgres": {"url": f"postgres://{url}"},
        "mysql": {"url": f"mysql://{url}"},
        "redis": {"url": f"redis://{url}"},
        "disk": {"path": "/"},
        "file": {"path": "/"},
        "command": {"argv": ["true"]},
        "http": {"url": f"http://{url}"},
        "tcp": {"host": "127.0.0.1", "port": 1},
        "tls": {"host": "127.0.0.1", "port": 1},
        "dns": {"name": "localhost"},
    }
    core = load({"checks": {kind: {"kind": kind, **keys} for kind, keys in configured.items()}}).core
    core.monitor().add(CheckSpec("own", lambda: None))
    core.monitor().add(CheckSpec("queue", lambda: None, component_type="datastore"))
    client = await probes(aiohttp_client, core)
    answer = await client.get("/readyz?format=health%2Bjson")
    checks = (await answer.json(content_type=None))["checks"]
    types = {name: shown["componentType"] for name, (shown,) in checks.items()}
    assert types == {
        **dict.fromkeys(("postgres", "mysql", "redis", "queue"), "datastore"),
        **dict.fromkeys(("disk", "file", "command", "features", "shutdown"), "system"),
        **dict.fromkeys(("http", "tcp", "tls", "dns", "own"), "component"),
    }


async def test_health_json_has_no_word_for_pending(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("db", Status.PENDING))))
    answer = await client.get("/readyz?exclude=features&exclude=shutdown&format=health+json")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    pending = {"componentId": "db", "componentType": "component", "status": "fail", "time": TURNED}
    assert await answer.json(content_type=None) == {
        "status": "fail",
        "version": "1.2.3",
        "output": "no result so far: db",
        "checks": {"db": [{**pending, "output": "no result so far"}]},
    }


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


async def test_of_a_long_accept_only_the_beginning_is_looked_at(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor()))
    types = []
    for accept in (f"text/plain,{'a/b,' * 500}", f"{'a/b,' * 500}text/plain", f"text/plain;{'a;' * 1000}", "a" * 8000):
        answer = await client.get("/livez", headers={"Accept": accept})
        types.append(answer.headers["Content-Type"])
    assert types == [TEXT, JSON, TEXT, JSON]


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
