"""Passwords in exceptions, seen from outside a running server: in no answer, and not in the log."""

import json
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.integration.kinds.servers import Server as Database
from tests.integration.kinds.servers import until
from tests.support.project import Project
from tests.support.server_process import Server, serving

pytestmark = pytest.mark.integration

TOKEN = "a-token-of-the-operator"
WRONG, RAISED, CAUSED, PUBLIC_REASON = "wr0ng-w0rd", "ra1sed-pass", "cau5ed-pass", "to1d-pass"
LIFE, PUBLIC, SPILT = "l1fe-pass", "pub1ic-pass", "sp1lt-pass"
OF_CHECKS, OF_FEATURES = (WRONG, RAISED, CAUSED, PUBLIC_REASON), (LIFE, PUBLIC, SPILT)

ORDERS = f"""
    from aiohttp import web
    from petsage.checks import CheckFailed
    from petsage.feature import CheckSpec, Contribution

    async def raises():
        try:
            raise OSError("no way to postgresql://app:{CAUSED}@db:5432/shop?sslmode=require")
        except OSError as error:
            raise RuntimeError("could not connect: host=db user=app password={RAISED}") from error

    async def tells():
        raise CheckFailed("cannot log in to postgresql://app:{PUBLIC_REASON}@db/shop")

    async def spills(request):
        raise RuntimeError("no way to postgresql://app:{SPILT}@db/shop")

    def setup(core):
        checks = [CheckSpec("raises", raises), CheckSpec("tells", tells)]
        return Contribution(checks=checks, routes=[web.get("/orders", spills)])
"""

BROKEN = f"""
    from contextlib import asynccontextmanager
    from petsage.feature import Contribution

    @asynccontextmanager
    async def pool():
        raise ConnectionError("postgresql://app:{LIFE}@db/shop")
        yield

    def setup(core):
        return Contribution(lifespans=[pool()])
"""

UNFIT = f"""
    from petsage.feature import FeatureFailed

    def setup(core):
        raise FeatureFailed("cannot reach postgresql://app:{PUBLIC}@db/shop")
"""

CHECKS = ("db", "orders.raises", "orders.tells")
PATHS = [
    *("/livez", "/readyz", "/startupz", "/health", "/smoke-test", "/orders", "/nowhere"),
    *(f"/readyz/{name}" for name in (*CHECKS, "features", "nobody")),
]
QUESTIONS = [
    *((query, accept) for query in ("", "?verbose") for accept in ("*/*", "text/plain", "application/health+json")),
    *((f"?{query}", "*/*") for query in ("fresh", "format=text", "verbose&format=text", "format=health%2Bjson")),
]
CREDENTIALS: list[dict[str, str]] = [
    {},
    {"Authorization": "Bearer not-the-token"},
    {"Authorization": f"Bearer {TOKEN}"},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, postgres: Database) -> Iterator[Server]:
    """Serve features that leak passwords, and a check whose password the database refuses."""
    project = Project(tmp_path_factory.mktemp("home"))
    project.add_feature("orders.py", ORDERS)
    project.add_feature("broken.py", BROKEN)
    project.add_feature("unfit.py", UNFIT)
    url = f"postgresql://app:{WRONG}@{postgres.address}:{postgres.port}/postgres"
    sections = {
        "server": {"drain": "0s", "access_log": "all"},
        "log": {"level": "debug"},
        "features": {"health": {"token": TOKEN}},
        "checks": {"db": {"kind": "postgres", "url": url}},
    }
    (project.path / "config.yml").write_text(json.dumps(sections))
    with serving("--config", "config.yml", cwd=project.path) as server:
        until(lambda: "pending" not in server.get("/readyz").json, "some check is still pending")
        yield server


def all_answers(server: Server, credentials: dict[str, str]) -> str:
    """Return the headers and bodies of all answers in all formats."""
    answers = [
        server.get(path + query, headers={"Accept": accept, **credentials})
        for path in PATHS
        for query, accept in QUESTIONS
    ]
    return "".join(f"{answer.headers}{answer.body}" for answer in answers)


def leaked(text: str, passwords: tuple[str, ...] = OF_CHECKS + OF_FEATURES) -> list[str]:
    return [password for password in passwords if password in text]


def log_of(server: Server) -> str:
    """Return the log, up to a request that is made now."""
    mark = f"/{uuid4().hex}"
    server.get(mark)
    until(lambda: mark in server.log, "the log does not have the last request")
    return server.log


def records(server: Server, ref: str) -> str:
    """Return the log records with a ref."""
    parts = re.split(r"\n(?=\d{4}-\d\d-\d\d )", log_of(server))
    return "\n".join(record for record in parts if ref in record)


@pytest.mark.parametrize("credentials", CREDENTIALS, ids=["no token", "a wrong token", "the token"])
def test_no_answer_in_any_dialect_holds_a_password(server: Server, credentials: dict[str, str]) -> None:
    assert leaked(all_answers(server, credentials)) == []


def test_nothing_that_checks_raise_brings_a_password_into_the_log(server: Server) -> None:
    assert leaked(log_of(server), OF_CHECKS) == []


def test_nothing_else_that_is_raised_brings_a_password_into_the_log(server: Server) -> None:
    assert server.get("/orders").status == 500
    assert leaked(log_of(server), OF_FEATURES) == []


def test_answers_without_access_have_refs_of_the_complete_log_lines(server: Server) -> None:
    document = server.get("/readyz?verbose").json
    assert (document["status"], document["failing"]) == ("fail", ["features", *CHECKS])
    checks = document["checks"]
    assert [name for name in checks if "reason" in checks[name] or "observed" in checks[name]] == []
    logged = {name: records(server, checks[name]["ref"]) for name in CHECKS}
    assert 'wrong password: password authentication failed for user "app"' in logged["db"]
    assert "postgresql://app:********@db/shop" in logged["orders.tells"]
    assert "OSError: no way to postgresql://app:********@db:5432/shop?sslmode=require" in logged["orders.raises"]
    assert "RuntimeError: could not connect: host=db user=app password=********" in logged["orders.raises"]


def test_other_exceptions_are_logged_masked_under_their_ref(server: Server) -> None:
    failures = {failure["feature"]: failure for failure in server.get("/smoke-test").json["failures"]}
    assert {name: (failure["step"], failure["reason"]) for name, failure in failures.items()} == {
        "broken": ("start", "ConnectionError"),
        "unfit": ("setup", "cannot reach postgresql://app:********@db/shop"),
    }
    assert "ConnectionError: postgresql://app:********@db/shop" in records(server, failures["broken"]["ref"])
    assert "cannot reach postgresql://app:********@db/shop" in records(server, failures["unfit"]["ref"])
    answer = server.get("/orders")
    assert answer.status == 500
    assert "no way to postgresql://app:********@db/shop" in records(server, answer.json["ref"])
    assert server.get("/readyz?verbose").json["checks"]["features"]["ref"] in {
        failure["ref"] for failure in failures.values()
    }


def test_who_has_the_token_gets_the_reasons_masked(server: Server) -> None:
    checks = server.get("/readyz?verbose", headers={"Authorization": f"Bearer {TOKEN}"}).json["checks"]
    assert {name: checks[name]["reason"] for name in CHECKS} == {
        "db": 'wrong password: password authentication failed for user "app"',
        "orders.raises": "RuntimeError",
        "orders.tells": "cannot log in to postgresql://app:********@db/shop",
    }
