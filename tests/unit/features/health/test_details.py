"""Who sees what: strangers, bearers of the token, and everybody where details are open."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.typedefs import LooseHeaders
from pytest_aiohttp import AiohttpClient

from petsage.checks import Code, Status
from petsage.probes.members import presentable
from petsage.redaction.secret import Secret
from tests.support.health import (
    BEARER,
    DB_DOWN,
    TOKEN,
    FakeMonitor,
    a_core,
    check,
    fetch,
    probes,
    probes_with_token,
)
from tests.support.orders_api import send_raw
from tests.support.project import Client

RIGHT = ("Authorization", f"Bearer {TOKEN}")
WRONG: list[list[tuple[str, str]]] = [
    *(
        [("Authorization", text)]
        for text in ("Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer", "", f"Bearer {TOKEN}é")
    ),
    [("Authorization", f"Bearer {TOKEN[:7]} {TOKEN[7:]}")],
    *([("Authorization", f"Bearer {TOKEN}{space}")] for space in ("\N{NO-BREAK SPACE}", "\N{EM SPACE}", " x")),
    [("Authorization", f"Bearer\t{TOKEN}")],
    [RIGHT, RIGHT],
    [RIGHT, ("authorization", "Bearer wrong")],
    [("Authorization", ""), RIGHT],
]
STRANGER = {
    "status": "fail",
    "probes": ["ready"],
    "severity": "critical",
    "since": "2026-11-23T03:38:41+00:00",
    "last_run": "2026-11-23T03:39:51+00:00",
    "duration_ms": 2.5,
    "consecutive_failures": 3,
    "ref": "5e1f0c3a",
}
DETAILED = {**STRANGER, "reason": "connection refused", "observed": {"latency_ms": 7.5}}
ONLY_DB = "exclude=features&exclude=shutdown"


async def shown(client: Client, path: str, headers: LooseHeaders | None = None) -> Any:
    answer = await client.get(path, headers=headers)
    return await answer.json()


async def test_verbose_shows_each_check_and_reasons_to_the_bearer_alone(aiohttp_client: AiohttpClient) -> None:
    client = await probes_with_token(aiohttp_client, a_core(FakeMonitor(DB_DOWN, check("new", Status.PENDING))))
    path = f"/readyz?verbose&{ONLY_DB}"
    pending = {"status": "pending", "probes": ["ready"], "severity": "critical", "since": "2026-11-23T03:38:41+00:00"}
    answer = {
        "status": "fail",
        "failing": ["db"],
        "pending": ["new"],
        "excluded": ["features", "shutdown"],
        "checks": {"db": STRANGER, "new": pending},
    }
    assert await shown(client, path) == answer
    assert await shown(client, path, BEARER) == {**answer, "checks": {"db": DETAILED, "new": pending}}
    assert await shown(client, path, {"Authorization": f"bearer  {TOKEN}"}) == {
        **answer,
        "checks": {"db": DETAILED, "new": pending},
    }
    assert list((await shown(client, path, BEARER))["checks"]["db"]) == list(DETAILED)


async def test_details_always_are_for_everybody(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(DB_DOWN)), details="always")
    assert (await shown(client, "/readyz?verbose"))["checks"]["db"] == DETAILED


async def test_built_in_checks_look_like_the_others(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor()))
    answer = await shown(client, "/readyz?verbose")
    since = [datetime.fromisoformat(answer["checks"][name].pop("since")) for name in ("features", "shutdown")]
    assert all(one <= datetime.now(UTC) for one in since)
    fine = {"status": "pass", "probes": ["ready"], "severity": "critical"}
    assert answer == {"status": "pass", "checks": {"features": fine, "shutdown": fine}}


async def test_the_whole_is_identity_probes_and_checks(aiohttp_client: AiohttpClient) -> None:
    client = await probes_with_token(aiohttp_client, a_core(FakeMonitor(DB_DOWN)))
    red = {"status": "fail", "failing": ["db"]}
    stranger = {
        "status": "fail",
        "version": "1.2.3",
        "probes": {"live": {"status": "pass"}, "ready": red, "startup": {"status": "pass"}},
        "excluded": ["features", "shutdown"],
        "checks": {"db": STRANGER},
    }
    answer = await client.get(f"/health/?{ONLY_DB}")
    assert (answer.status, await answer.json()) == (503, stranger)
    assert await shown(client, f"/health?{ONLY_DB}", BEARER) == {
        **stranger,
        "service": "petsage",
        "release": "r7",
        "boot_id": "b" * 32,
        "started": "2026-11-23T03:38:41+00:00",
        "checks": {"db": DETAILED},
    }


async def test_the_whole_is_well(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("disk", Status.WARN))))
    answer = await client.get("/health")
    assert (answer.status, (await answer.json())["status"]) == (200, "warn")


@pytest.mark.parametrize("headers", WRONG)
async def test_a_wrong_token_never_changes_a_plain_probe(
    aiohttp_client: AiohttpClient, headers: list[tuple[str, str]]
) -> None:
    client = await probes_with_token(aiohttp_client, a_core(FakeMonitor(DB_DOWN)))
    assert await fetch(client, "/livez", headers) == (200, '{"status": "pass"}')
    for path in ("/readyz", "/readyz/db", "/readyz?exclude=x", "/readyz?format=text", "/readyz?format=health%2Bjson"):
        assert await fetch(client, path, headers) == await fetch(client, path)


@pytest.mark.parametrize("headers", WRONG)
@pytest.mark.parametrize("path", ["/readyz?verbose", "/livez?fresh", "/readyz/db?verbose&format=text", "/health"])
async def test_a_wrong_token_is_refused_where_details_are_asked_for(
    aiohttp_client: AiohttpClient, path: str, headers: list[tuple[str, str]]
) -> None:
    client = await probes_with_token(aiohttp_client, a_core(FakeMonitor(DB_DOWN)), details="always")
    answer = await client.get(path, headers=headers)
    assert (answer.status, answer.headers["WWW-Authenticate"], answer.headers["Vary"]) == (
        401,
        'Bearer realm="health", error="invalid_token"',
        "Accept, Authorization",
    )
    assert (await answer.json(content_type=None))["detail"] == (
        "the token in Authorization is not that of features.health.token"
    )


@pytest.mark.parametrize("path", ["/readyz?verbose", "/health"])
async def test_without_a_token_configured_none_is_wrong(aiohttp_client: AiohttpClient, path: str) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(DB_DOWN)))
    for headers in ([("Authorization", "Bearer x")], [RIGHT, RIGHT]):
        assert (await shown(client, path, headers))["checks"]["db"] == STRANGER


async def test_an_undecodable_byte_matches_no_character_of_the_token(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(DB_DOWN)), token=Secret("what-is-this-token?"))
    head = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer what-is-this-token"
    answers = [await send_raw(client.host, client.port or 0, head + end) for end in (b"?\r\n\r\n", b"\xff\r\n\r\n")]
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 503", b"HTTP/1.1 401"]


async def test_a_code_is_a_detail_like_its_reason() -> None:
    state = check("db", Status.FAIL, reason="connection refused", code=Code.REFUSED)
    shown = [presentable(state, details=details) for details in (True, False)]
    assert shown == [state, check("db", Status.FAIL)]


async def test_a_fresh_run_needs_the_token_and_says_how(aiohttp_client: AiohttpClient) -> None:
    monitor = FakeMonitor(DB_DOWN, check("cache"))
    open_to_all = await probes(aiohttp_client, a_core(monitor), details="always")
    answer = await open_to_all.get("/readyz?fresh", headers=BEARER)
    how = (
        "running checks on demand needs a token, and none is configured: set features.health.token, at least 16 "
        "characters, and send it as Authorization: Bearer TOKEN"
    )
    assert (answer.status, (await answer.json(content_type=None))["detail"]) == (403, how)
    client = await probes_with_token(aiohttp_client, a_core(monitor), deadline=0.25)
    answer = await client.get("/readyz?fresh")
    assert (answer.status, (await answer.json(content_type=None))["detail"]) == (
        403,
        "running checks on demand needs the token of features.health.token, sent as Authorization: Bearer TOKEN",
    )
    assert monitor.asked == []
    for path in ("/readyz?fresh&exclude=cache", "/readyz/cache?fresh", "/livez?fresh", "/health?fresh"):
        await fetch(client, path, BEARER)
    assert monitor.asked == [
        (["db"], 0.25, 0.0, True),
        (["cache"], 0.25, 0.0, True),
        ([], 0.25, 0.0, True),
        (["db", "cache"], 0.25, 0.0, True),
    ]
    assert (await client.get("/readyz/nope?fresh", headers=BEARER)).status == 404


async def test_observations_that_json_cannot_hold_are_shown_as_text(aiohttp_client: AiohttpClient) -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError

    circle: list[Any] = []
    circle.append(circle)
    observed = {
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "nan": float("nan"),
        "odd": Odd(),
        "circle": circle,
        "lone": "\ud800",
    }
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("db", observed=observed))), details="always")
    assert (await shown(client, "/readyz?verbose"))["checks"]["db"]["observed"] == {
        "at": "2026-01-01 00:00:00+00:00",
        "nan": "nan",
        "odd": "Odd",
        "circle": "[[...]]",
        "lone": "\ud800",
    }
    for path in ("/health", "/readyz?format=health%2Bjson", "/readyz?format=text&verbose"):
        assert (await client.get(path)).status == 200


async def test_answers_to_odd_questions_do_not_pile_up(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(check("db"))))
    for number in range(200):
        note = f'some health checks cannot be excluded: no matches for "{number}"'
        assert (await shown(client, f"/readyz?exclude={number}")) == {"status": "pass", "notes": [note]}
