"""`petsage emit`: healthchecks whose numbers follow from the configuration, in the orchestrators' own syntax."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.command_line import Done, command
from tests.support.project import Project
from tests.support.require import require, require_program

Capture = pytest.CaptureFixture[str]
CONFIG = """
server: {port: 9000, drain: 10s, shutdown: 20s, start_timeout: 90s}
checks:
  db: {kind: tcp, host: db, port: 5432, interval: 3s, timeout: 4s, fall: 2}
  disk: {kind: disk, path: /}
"""


@pytest.fixture(autouse=True)
def configuration(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(project.path)
    file = project.path / "config.yml"
    file.write_text(CONFIG)
    return file


def emitted(capsys: Capture, dialect: str) -> str:
    done = command(capsys, "emit", dialect)
    assert (done.status, done.err) == (0, "")
    return done.out


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def test_compose_gets_a_healthcheck_with_a_reason_for_each_number(capsys: Capture) -> None:
    out = emitted(capsys, "compose")
    assert yaml.safe_load(out) == {
        "services": {
            "petsage": {
                "healthcheck": {
                    "test": ["CMD", "petsage-probe", "http://127.0.0.1:9000/readyz"],
                    "interval": "3s",
                    "timeout": "3s",
                    "retries": 3,
                    "start_period": "100s",
                },
                "stop_grace_period": "35s",
            }
        }
    }
    assert [line.partition("# ")[2] for line in out.splitlines() if "# " in line] == [
        "readiness, dependencies included: services with `condition: service_healthy` wait for all of it",
        "a probe costs about 10 ms of CPU; a failure of the slowest check shows within 12 s",
        "above petsage-probe's own timeout of 2 s, so that its output is kept",
        "one lost answer is not an outage; a server that hangs is unhealthy within 18 s",
        "above server.start_timeout (1m30s) and the first results of the checks (5 s)",
        "above server.drain + server.shutdown (10s + 20s) and the exit of the process",
    ]


@pytest.mark.integration
def test_compose_takes_it(capsys: Capture, project: Project) -> None:
    docker = require_program("docker", "docker.io")
    version = subprocess.run([docker, "compose", "version"], check=False, capture_output=True)
    require(version.returncode == 0, "docker compose is not installed: apt-get install docker-compose-plugin")
    (project.path / "base.yml").write_text("services: {petsage: {image: petsage}}\n")
    for dialect in ("compose", "swarm"):
        (project.path / "health.yml").write_text(emitted(capsys, dialect))
        line = [docker, "compose", "-f", "base.yml", "-f", "health.yml", "config"]
        taken = subprocess.run(line, check=False, capture_output=True, text=True)
        assert taken.returncode == 0, taken.stderr
        merged = yaml.safe_load(taken.stdout)["services"]["petsage"]
        assert (merged["stop_grace_period"], merged["healthcheck"]["start_period"]) == ("35s", "1m40s")


def test_swarm_does_not_replace_what_waits_for_a_database(capsys: Capture) -> None:
    service: dict[str, Any] = yaml.safe_load(emitted(capsys, "swarm"))["services"]["petsage"]
    check, update = service["healthcheck"], service["deploy"]["update_config"]
    assert check["test"] == ["CMD", "petsage-probe", "http://127.0.0.1:9000/readyz?exclude=db"]
    assert (update["order"], update["failure_action"]) == ("start-first", "rollback")
    verdict = (seconds(check["interval"]) + seconds(check["timeout"])) * check["retries"]
    assert seconds(update["monitor"]) > seconds(check["start_period"]) + verdict
    assert seconds(service["stop_grace_period"]) > 10 + 20


def test_a_dockerfile_gets_instructions(capsys: Capture) -> None:
    lines = [line for line in emitted(capsys, "dockerfile").splitlines() if not line.startswith("#")]
    assert lines == [
        'ENV PETSAGE_PROBE_URL="http://127.0.0.1:9000/livez"',
        'HEALTHCHECK --interval=3s --timeout=3s --start-period=100s --retries=3 CMD ["petsage-probe"]',
        "STOPSIGNAL SIGTERM",
    ]


def test_kubernetes_gets_three_probes_that_fit(capsys: Capture) -> None:
    pod = yaml.safe_load(emitted(capsys, "kubernetes"))["spec"]["template"]["spec"]
    probes = pod["containers"][0]
    assert pod["terminationGracePeriodSeconds"] == 35
    assert probes["startupProbe"] == {
        "httpGet": {"path": "/startupz", "port": 9000},
        "periodSeconds": 2,
        "timeoutSeconds": 1,
        "failureThreshold": 50,
    }
    assert probes["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": 9000}
    assert probes["livenessProbe"]["httpGet"] == {"path": "/livez", "port": 9000}


def test_what_kubelet_cannot_reach_is_asked_from_within(capsys: Capture, configuration: Path) -> None:
    configuration.write_text("server: {unix_socket: /run/pet$$age.sock}\n")
    pod = yaml.safe_load(emitted(capsys, "kubernetes"))["spec"]["template"]["spec"]
    command_line = pod["containers"][0]["livenessProbe"]["exec"]["command"]
    assert command_line == ["petsage-probe", "unix:/run/pet$age.sock:/livez"]
    assert "unix:/run/pet$$age.sock:/readyz" in emitted(capsys, "compose")
    assert "unix:/run/pet\\$age.sock:/livez" in emitted(capsys, "dockerfile")
    configuration.write_text("server: {host: '::1'}\n")
    pod = yaml.safe_load(emitted(capsys, "kubernetes"))["spec"]["template"]["spec"]
    assert pod["containers"][0]["readinessProbe"]["exec"]["command"] == ["petsage-probe", "http://[::1]:8080/readyz"]


def test_a_check_of_a_feature_counts_as_well(capsys: Capture, project: Project) -> None:
    project.add_feature(
        "orders.py",
        """
        from petsage.feature import CheckSpec, Contribution
        async def db(): ...
        def setup(core):
            return Contribution(checks=[CheckSpec("db", db, timeout=30), CheckSpec("own", db, external=False)])
        """,
    )
    emitted_swarm = emitted(capsys, "swarm")
    assert "readyz?exclude=db&exclude=orders.db" in emitted_swarm
    assert "orders.own" not in emitted_swarm
    assert re.search(r"start_period: 125s +# .*\(31 s\)", emitted(capsys, "compose"))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("server: {port: 0}\n", "petsage emit: server.port is 0, which means another port at each start: choose one\n"),
        ("server: {prot: 1}\n", "config.yml:1:10: server.prot: unknown key (did you mean 'port'?)\n"),
    ],
)
def test_what_cannot_be_asked_is_misuse(capsys: Capture, configuration: Path, config: str, expected: str) -> None:
    configuration.write_text(config)
    assert command(capsys, "emit", "compose") == Done(2, "", expected)
