"""Every kind against every hostile peer: a failure with a reason, in time, from so many bytes, the loop turning."""

import asyncio
import re
import ssl
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from petsage.checks.kinds.http import Http
from petsage.checks.kinds.mysql import Mysql
from petsage.checks.kinds.postgres import Postgres
from petsage.checks.kinds.redis import Redis
from petsage.checks.kinds.tcp import Tcp
from petsage.checks.kinds.tls import Tls
from petsage.checks.model import CheckFailed
from petsage.redaction.secret import Secret
from tests.support.fuzzing import some
from tests.support.hostile_peers import (
    ANY_KIND,
    ENDLESS,
    HTTP,
    MYSQL,
    MYSQL_LOGIN,
    POSTGRES,
    POSTGRES_LOGIN,
    REDIS,
    Act,
    after_ssl_request,
    hostile,
    within_tls,
)
from tests.support.require import require_program

MOST_TAKEN = 16 << 20
"""Bytes: what a kind reads is 1.3 MiB at most, the rest are the kernel's buffers on both sides."""

MOST_CPU = 0.25
"""Seconds of the loop's thread between two of its turns, on any machine; without bounds it is minutes."""

TIMEOUT = 0.5
NO_TIMEOUT = 60.0
"""Seconds that no flood may last: only a check that reads without bounds meets them."""

PASSWORD = "hunter2qzjv"


def url(scheme: str, port: int, rest: str = "") -> Secret:
    return Secret(f"{scheme}://app:{PASSWORD}@127.0.0.1:{port}{rest}")


KINDS: dict[str, Callable[[int], Any]] = {
    "tcp": lambda port: Tcp(host="127.0.0.1", port=port, expect="hello"),
    "tls": lambda port: Tls(host="127.0.0.1", port=port),
    "http": lambda port: Http(url=url("http", port), contains="nowhere"),
    "http json": lambda port: Http(url=url("http", port), json={"a": 1}),
    "https": lambda port: Http(url=url("https", port), contains="nowhere", verify=False),
    "postgres": lambda port: Postgres(host="127.0.0.1", port=port),
    "postgres login": lambda port: Postgres(url=url("postgresql", port, "/x")),
    "postgres login plain": lambda port: Postgres(url=url("postgresql", port, "/x?sslmode=disable")),
    "postgres login tls": lambda port: Postgres(url=url("postgresql", port, "/x?sslmode=require")),
    "redis": lambda port: Redis(host="127.0.0.1", port=port),
    "redis login": lambda port: Redis(url=url("redis", port, "/3")),
    "rediss": lambda port: Redis(url=url("rediss", port, "?ssl_cert_reqs=none")),
    "mysql": lambda port: Mysql(host="127.0.0.1", port=port),
    "mysql login": lambda port: Mysql(url=url("mysql", port, "/x")),
}
OWN: list[tuple[str, dict[str, Act]]] = [
    ("http", HTTP),
    ("http json", HTTP),
    ("https", {name: within_tls(act) for name, act in HTTP.items()}),
    ("postgres", POSTGRES),
    ("postgres login plain", POSTGRES | POSTGRES_LOGIN),
    ("postgres login tls", {name: after_ssl_request(act) for name, act in (POSTGRES | POSTGRES_LOGIN).items()}),
    ("redis", REDIS),
    ("redis login", REDIS),
    ("rediss", {name: within_tls(act) for name, act in REDIS.items()}),
    ("mysql", MYSQL),
    ("mysql login", MYSQL | MYSQL_LOGIN),
]
TABLE = [(kind, name, act) for kind in KINDS for name, act in ANY_KIND.items()]
TABLE += [(kind, name, act) for kind, acts in OWN for name, act in acts.items()]
TRIED = some(TABLE)

WHERE = r"127\.0\.0\.1:\d+"
REASONS = re.compile(
    "|".join(
        [
            f"connection (refused|reset) by {WHERE}",
            f"{WHERE} closed the connection( without an answer| during the TLS handshake| after '.*', not 'hello')?",
            f"{WHERE} greets with '.*', not 'hello'",
            f"{WHERE} (does not speak TLS|answered something that is not HTTP|broke off in the middle of its answer)",
            f"{WHERE} sent a body that is not in the encoding that its headers name",
            f"{WHERE} (asks for a client's certificate|refused the TLS handshake: .*)",
            rf"{WHERE} is not a (PostgreSQL|MySQL|Redis) server: it (answered [\w ]+|speaks protocol \d+)",
            f"{WHERE} is not a PostgreSQL server: (it names no version|its error has no code)",
            rf"{WHERE} sent more than \d+[KM]iB, and no complete answer",
            f"{WHERE}: (TLS failed: [a-z0-9 ]+|the certificate .*|ECONN.*)",
            rf"{WHERE} asks for \d+ rounds of SCRAM, more than 100000",
            f"{WHERE} answered something that asyncpg does not understand: AttributeError",
            f"(connected, but )?no complete answer from {WHERE}",
            f"connected, but {WHERE} sends nothing",
            r"answered \d+, not 200-299|the answer (does not contain 'nowhere'|is not JSON|is longer than 1 MiB)",
            f"{WHERE} closed the connection in the middle of its answer",
            "the user logs in by .*, which is not supported",
            "wrong user or password: a+…?",
            "ERR a+…?|AUTH failed: ERR|error : .*|error SFATA: .*",
        ]
    )
)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Return what a peer speaks TLS with."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=x -keyout key -out pem -days 2"
    subprocess.run([require_program("openssl", "openssl"), *made.split()], cwd=folder, check=True, capture_output=True)
    found = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    found.load_cert_chain(folder / "pem", folder / "key")
    return found


async def reason_of(run: Callable[[], Awaitable[object]], timeout: float) -> str:  # noqa: ASYNC109 (a row of the table)
    """Return the reason of a run that fails, or what it waited for when its time was over."""
    try:
        async with asyncio.timeout(timeout):
            await run()
    except CheckFailed as failed:
        return str(failed)
    except TimeoutError as late:
        note = str(getattr(late.__cause__, "__notes__", ["nothing is known"])[0])
        return note if timeout == TIMEOUT else f"{note}, for as long as it was let"
    return "it holds"


async def heartbeats(longest: list[float]) -> None:
    """Note the most CPU time of this thread that passed between two turns of the loop."""
    before = time.thread_time()
    while True:
        await asyncio.sleep(0.01)
        now = time.thread_time()
        longest[0], before = max(longest[0], now - before), now


@pytest.mark.parametrize(("kind", "name", "act"), TRIED, ids=[f"{kind}: {name}" for kind, name, _ in TRIED])
async def test_whatever_a_peer_does_the_check_fails_with_a_reason(
    kind: str, name: str, act: Act, context: ssl.SSLContext
) -> None:
    longest = [0.0]
    with hostile(act, context) as peer:
        check = KINDS[kind](peer.port)
        beating = asyncio.ensure_future(heartbeats(longest))
        reason = await reason_of(check.run, NO_TIMEOUT if act in ENDLESS else TIMEOUT)
        beating.cancel()
        taken = peer.sent
    assert REASONS.fullmatch(reason), reason
    assert not any(PASSWORD[at : at + 4] in reason for at in range(len(PASSWORD) - 3))
    assert taken < MOST_TAKEN
    assert longest[0] < MOST_CPU
