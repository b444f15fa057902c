"""The example on the real engine."""

import json
from datetime import datetime
from typing import Any

import pytest
import yaml

from tests.integration.example.conftest import Example
from tests.support.docker_stack import docker

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

SECOND = 10**9
NOISE = 15.0
"""Seconds that a busy machine may take on top of what the numbers say."""


def health_log(state: dict[str, Any]) -> Any:
    """Return what the last healthcheck wrote, less its status."""
    return json.loads(state["State"]["Health"]["Log"][-1]["Output"].partition(" ")[2])


def bound(example: Example) -> float:
    """Return within how many seconds a failure shows: the check's interval and timeout, then those of the engine."""
    check = yaml.safe_load((example.folder / "config.yml").read_text())["checks"]["cache"]
    asked = example.state()["Config"]["Healthcheck"]
    by_petsage = float(check["interval"].rstrip("s")) + float(check["timeout"].rstrip("s"))
    return by_petsage + float(asked["Retries"] * (asked["Interval"] + asked["Timeout"]) / SECOND)


def test_its_suite_started_before_the_stack_begins_when_the_stack_is_ready(example: Example) -> None:
    example.down()
    with example.suite() as suite:
        example.compose("up", "--no-build", "--wait")
        said = suite.communicate(timeout=200)[0]
    assert suite.returncode == 0, said
    assert "2 passed" in said


def test_the_shop_is_started_when_petsage_is_healthy(example: Example) -> None:
    example.down()
    example.compose("up", "--no-build", "--wait")
    shop = json.loads(docker("inspect", example.service("shop")))[0]
    first = next(entry for entry in example.state()["State"]["Health"]["Log"] if entry["ExitCode"] == 0)
    assert datetime.fromisoformat(shop["State"]["StartedAt"]) > datetime.fromisoformat(first["End"])
    assert shop["RestartCount"] == 0, "it tries nothing twice"
    assert example.state()["State"]["Health"]["Status"] == "healthy"


def test_without_redis_petsage_is_unhealthy_within_the_bound_and_says_why(example: Example) -> None:
    example.compose("up", "--no-build", "--wait")
    example.compose("stop", "--timeout", "0", "cache")
    red = health_log(example.wait_for("unhealthy", within=bound(example) + NOISE))
    assert red["failing"] == ["cache"]
    assert red["checks"]["cache"]["reason"] == "cache does not resolve"
    example.compose("start", "cache")
    green = health_log(example.wait_for("healthy", within=bound(example) + NOISE))
    assert green["checks"]["cache"]["status"] == "pass"


def test_with_postgresql_paused_petsage_is_unhealthy_within_the_bound_and_says_why(example: Example) -> None:
    example.compose("up", "--no-build", "--wait")
    database = example.service("database")
    docker("pause", database)
    try:
        red = health_log(example.wait_for("unhealthy", within=bound(example) + NOISE))
    finally:
        docker("unpause", database)
    assert red["failing"] == ["database"]
    assert red["checks"]["database"]["reason"].startswith("timed out after 1 s")
    green = health_log(example.wait_for("healthy", within=bound(example) + NOISE))
    assert green["checks"]["database"]["status"] == "pass"


def test_the_numbers_are_those_that_petsage_emits_for_the_configuration(example: Example) -> None:
    command = ["run", "--rm", "--no-deps", "petsage", "petsage", "emit", "compose"]
    emitted = yaml.safe_load(example.compose(*command))["services"]["petsage"]
    shipped = yaml.safe_load((example.folder / "docker-compose.yml").read_text())["services"]["petsage"]
    assert shipped["stop_grace_period"] == emitted["stop_grace_period"]
    asked, verbose = emitted["healthcheck"].pop("test"), shipped["healthcheck"].pop("test")
    assert verbose == [*asked[:-1], f"{asked[-1]}?verbose"]
    assert shipped["healthcheck"] == emitted["healthcheck"]


def test_what_only_the_example_needs_is_configuration(example: Example) -> None:
    service = yaml.safe_load((example.folder / "docker-compose.yml").read_text())["services"]["petsage"]
    assert service["volumes"] == ["./config.yml:/srv/petsage/config.yml:ro"]
