"""A feature that the builder made, in the folder that the shipped compose file mounts."""

import json
import urllib.request

import pytest

from tests.support.builder import petsage
from tests.support.docker_stack import Stack

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_container_shows_it_and_turns_red_within_one_start_when_it_is_broken_by_hand(stack: Stack) -> None:
    asked = ("feature", "new", "grooming", "--description", "Book grooming appointments.")
    built = petsage(*asked, cwd=stack.folder)
    assert (built.status, built.err) == (0, "")
    stack.probe_often().up()
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/grooming", timeout=10) as answer:
        assert json.load(answer) == {
            "status": "ok",
            "feature": "grooming",
            "message": "PetSage grooming is functional!",
        }

    handlers = stack.folder / "features" / "grooming" / "handlers.py"
    handlers.write_text(handlers.read_text().replace('PATH = "/grooming"', "PATH = no_such_name"))
    stack.compose("restart", "--timeout", "0", "petsage")
    last = stack.wait_for("unhealthy")["State"]["Health"]["Log"][-1]
    assert last["ExitCode"] == 1
    assert last["Output"] == '503 {"status": "fail", "failing": ["features"], "quarantined": ["grooming"]}\n'
