"""Workflows and hooks call targets of the Makefile and nothing else, so CI runs what a developer runs."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.checkout import CHECKOUT

WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))


def jobs(workflow: Path) -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(workflow.read_text())["jobs"])


def commands(workflow: Path) -> Iterator[str]:
    for job in jobs(workflow).values():
        targets = job.get("strategy", {}).get("matrix", {}).get("target", [""])
        for step in job["steps"]:
            if "run" in step:
                yield from (step["run"].replace("${{ matrix.target }}", target) for target in targets)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: str(workflow.stem))
def test_a_workflow_calls_targets_of_the_makefile(workflow: Path) -> None:
    called = [re.fullmatch(r"make ([a-z-]+)( [A-Z]+=\S.*)?", command) for command in commands(workflow)]
    assert {match[1] if match else "no target" for match in called} <= TARGETS


def test_the_hook_calls_a_target_of_the_makefile() -> None:
    hooks = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert [hook["entry"] for hook in hooks] == ["make check"]


def test_every_python_that_is_declared_is_tested() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    declared = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    matrix = jobs(CHECKOUT / ".github" / "workflows" / "test.yml")["test"]["strategy"]["matrix"]
    assert matrix["python"] == declared
    assert project["requires-python"] == f">={declared[0]}"
