"""What a server's probes say, `smoke` says and `wait` waits for: one configuration, one verdict."""

import json
import time

import pytest

from tests.support.command_line import command
from tests.support.peers import closed_port
from tests.support.project import Project
from tests.support.server_process import serving
from tests.support.timeouts import retry_with_longer_timeouts

WITHIN = 60.0
VERDICT = {"status": "fail", "failing": ["db"], "warning": ["features", "cache"]}
ALIKE = VERDICT.keys()


def test_a_server_smoke_and_wait_agree(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.path)
    gone = f"kind: tcp, host: 127.0.0.1, port: {closed_port()}"
    config = project.path / "config.yml"
    config.write_text(
        f"checks:\n  db: {{{gone}}}\n  cache: {{{gone}, severity: degraded}}\n  self: {{kind: disk, path: /}}\n"
        "  start: {kind: file, path: ready, probes: [startup]}\n"
        "features: {broken: {required: false}}\n"
    )
    (project.path / "ready").touch()
    project.add_feature("broken.py", "raise ValueError")
    with serving("--config", "config.yml", cwd=project.path) as server:
        end = time.monotonic() + WITHIN
        while "pending" in (told := server.get("/readyz").json) and time.monotonic() < end:
            time.sleep(0.05)
        assert {key: told[key] for key in ALIKE} == VERDICT
        report = json.loads(command(capsys, "smoke", "--format", "json").out)
        assert {key: report[key] for key in ALIKE} == VERDICT
        waited = retry_with_longer_timeouts(
            lambda timeout: command(capsys, "wait", server.url, "--timeout", timeout),
            lambda done: "no answer so far" not in done.err,
        )
        assert waited.err.splitlines()[-2].endswith(
            ": fail: 503; failing db; warning features, cache; quarantined broken"
        )
        version = server.get("/health").json["version"]
        livez = f"{server.url}/livez"
        assert command(capsys, "wait", livez, "--expect-version", version).status == 0
        assert command(capsys, "wait", livez, "--expect-version", "0", "--timeout", "2s").status == 1
