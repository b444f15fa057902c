"""The shipped compose file on the real engine."""

import json
import re
import subprocess
import time
import urllib.request
from typing import Any

import pytest

from tests.support.docker_stack import Stack, docker, program

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]

GRACE = 15.0
START_PERIOD = 40.0

SLOW = '''
"""Takes its time."""
import asyncio
from aiohttp import web
from petsage.feature import Contribution

async def slow(request: web.Request) -> web.Response:
    """Answer after half a second."""
    await asyncio.sleep(0.5)
    return web.Response(text="done")

def setup(core):
    return Contribution(routes=[web.get("/slow", slow)])
'''

BROKEN = '''
"""Never works."""
raise RuntimeError("out of order")
'''


def smoke_test(stack: Stack) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/smoke-test", timeout=10) as answer:
        return json.load(answer)


PASSED = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}


def test_the_shipped_file_comes_up_healthy_within_the_start_period(stack: Stack) -> None:
    stack.up(within=START_PERIOD)
    state = stack.state()["State"]
    assert state["Health"]["Status"] == "healthy"
    assert state["Health"]["FailingStreak"] == 0
    assert smoke_test(stack) == PASSED


def test_the_image_alone_is_healthy_with_a_read_only_root_and_no_configuration(image: str) -> None:
    name = f"petsage-alone-{image.partition(':')[2]}"
    options = ["--health-interval", "500ms", "--read-only", "--cap-drop", "ALL"]
    docker("run", "--detach", "--name", name, *options, image)
    try:
        deadline = time.monotonic() + 60
        while (found := docker("inspect", "--format", "{{.State.Health.Status}}", name).strip()) == "starting":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert found == "healthy"
        docker("stop", name)
        assert docker("inspect", "--format", "{{.State.ExitCode}}", name).strip() == "0"
    finally:
        docker("rm", "--force", name, check=False)


def test_a_broken_required_feature_makes_it_unhealthy_and_inspect_names_the_feature(stack: Stack) -> None:
    stack.add_feature("out_of_order.py", BROKEN)
    stack.probe_often().compose("up", "--no-build", "--detach")
    health = stack.wait_for("unhealthy")["State"]["Health"]
    last = health["Log"][-1]
    assert last["ExitCode"] == 1
    line = '503 {"status": "fail", "failing": ["features"], "quarantined": ["out_of_order"]}'
    assert last["Output"].strip() == line, "names alone: the reason is for the log"


def test_up_and_wait_fails_where_a_required_feature_is_broken(stack: Stack) -> None:
    stack.add_feature("out_of_order.py", BROKEN)
    with pytest.raises(AssertionError, match="unhealthy"):
        stack.probe_often().up()


def test_a_new_feature_in_the_mounted_folder_is_served_after_a_restart(stack: Stack) -> None:
    stack.probe_often().up()
    stack.add_feature("slow.py", SLOW)
    stack.compose("restart", "--timeout", "0", "petsage")
    stack.wait_for("healthy")
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/slow", timeout=10) as answer:
        assert answer.read() == b"done"


def test_a_secret_is_read_as_the_comments_in_the_shipped_files_say(stack: Stack) -> None:
    compose = stack.folder / "docker-compose.yml"
    commented = compose.read_text()
    with_secret = commented.replace("    #   secrets: [token]", "    secrets: [token]")
    with_secret = re.sub(r"^# (secrets:|  token:|    file: ./token.txt)$", r"\1", with_secret, flags=re.MULTILINE)
    assert len(with_secret) < len(commented)
    compose.write_text(with_secret)
    (stack.folder / "token.txt").write_text("a secret: read\n")
    (stack.folder / "config.yml").write_text('features: {smoke_test: {message: "${file:/run/secrets/token}"}}\n')
    stack.probe_often().up()
    assert smoke_test(stack) == {**PASSED, "message": "a secret: read"}


def test_docker_stop_under_load_loses_nothing(stack: Stack, image: str) -> None:
    stack.add_feature("slow.py", SLOW)
    stack.probe_often().up()
    (network,) = stack.state()["NetworkSettings"]["Networks"].items()
    command = ["docker", "run", "--rm", "--interactive", "--no-healthcheck", "--network", network[0], image]
    with subprocess.Popen(
        [*command, "python", "-c", program("load"), network[1]["IPAddress"], "20"], stdout=subprocess.PIPE, text=True
    ) as load:
        assert load.stdout is not None
        assert load.stdout.readline() == "loaded\n"
        begun = time.monotonic()
        docker("stop", "--time", f"{GRACE:g}", stack.container)
        took = time.monotonic() - begun
        seen = json.loads(load.communicate(timeout=60)[0])
    state = stack.state()["State"]
    assert (seen["refused"], seen["lost"]) == ([], [])
    assert min(seen["answered"].values()) > 20
    assert (state["Status"], state["ExitCode"], state["OOMKilled"]) == ("exited", 0, False)
    assert took < GRACE


def test_it_comes_back_healthy_when_the_server_was_killed(stack: Stack) -> None:
    stack.probe_often().up()
    before = stack.state()
    assert stack.inside("kill_the_server", survives=False) == 1
    deadline = time.monotonic() + 30
    while stack.state()["RestartCount"] == before["RestartCount"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert stack.wait_for("healthy")["RestartCount"] == before["RestartCount"] + 1
    assert smoke_test(stack) == PASSED


def test_it_comes_back_healthy_after_docker_kill_and_restart(stack: Stack) -> None:
    stack.probe_often().up()
    docker("kill", "--signal", "KILL", stack.container)
    docker("wait", stack.container)
    assert stack.state()["State"]["ExitCode"] == 137
    docker("restart", stack.container)
    stack.wait_for("healthy")
    assert smoke_test(stack) == PASSED


def test_it_has_no_rights_and_writes_nowhere_but_to_tmp(stack: Stack) -> None:
    stack.probe_often().up()
    seen = stack.inside("confined")
    nothing = "0000000000000000"
    assert seen == {
        "rights": [
            {
                "Uid": "65532 65532 65532 65532",
                "Gid": "65532 65532 65532 65532",
                **dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), nothing),
                "NoNewPrivs": "1",
            }
        ],
        "writes": {
            **dict.fromkeys(
                ("/", "/opt/petsage", "/run", "/srv/petsage", "/srv/petsage/features", "/var/tmp"), "EROFS"
            ),
            "/tmp": "written",
        },
    }
    host = stack.state()["HostConfig"]
    assert (host["ReadonlyRootfs"], host["Init"], host["Memory"], host["PidsLimit"]) == (True, True, 256 * 2**20, 128)
