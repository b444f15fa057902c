"""`petsage smoke`: every check once, judged as the server judges it, and told in four formats."""

import io
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from petsage.trial.writing import FORMATS
from tests.checks.kinds.peers import closed_port
from tests.cli.peers import Done, command, running
from tests.conftest import Home
from tests.require import obedient, require_program

Capture = pytest.CaptureFixture[str]
SCHEMA = Path(__file__).with_name("junit.xsd")
ORDERS = """
from contextlib import asynccontextmanager
from pathlib import Path
from petsage.checks import CheckFailed, CheckSpec, CheckWarning
from petsage.feature import Contribution

BESIDE = Path(__file__).parent
opened = []

@asynccontextmanager
async def pool():
    if not (BESIDE / "database").exists():
        (BESIDE / "tried").touch()
        raise OSError("no database")
    opened.append(True)
    yield
    opened.clear()

async def db():
    if not opened:
        raise CheckFailed("the pool is closed")
    return {"connections": 3}

async def stock():
    raise CheckWarning("two left <of> ten & \\u2764")

def setup(core):
    return Contribution(checks=[CheckSpec("db", db), CheckSpec("stock", stock)], lifespans=[pool()])
"""


@pytest.fixture
def port(home: Home, monkeypatch: pytest.MonkeyPatch) -> int:
    """The port of a cache that is down; the configuration has a feature, too, whose database is there."""
    monkeypatch.chdir(home.path)
    port = closed_port()
    checks = f"cache: {{kind: tcp, host: 127.0.0.1, port: {port}}}, self: {{kind: disk, path: /}}"
    (home.path / "config.yml").write_text(f"checks: {{{checks}}}\n")
    home.drop("orders.py", dedent(ORDERS))
    (home.features / "database").touch()
    return port


def smoke(capsys: Capture, *arguments: str) -> Done:
    done = command(capsys, "smoke", *arguments)
    return Done(done.status, re.sub(r" +\d+\.\d ms", " MS", done.out), done.err)


def test_people_read_a_line_a_check_and_the_verdict(capsys: Capture, port: int) -> None:
    status, out, err = smoke(capsys)
    assert (status, err) == (1, "")
    assert out.splitlines() == [
        "pass  features",
        f"FAIL  cache MS  connection refused by 127.0.0.1:{port}",
        "pass  self MS",
        "pass  orders.db MS",
        "warn  orders.stock MS  two left <of> ten & \u2764",
        "failed: cache; 1 of 5 checks failed, 1 with a warning, in T",
    ]


def test_only_the_chosen_checks_are_run(capsys: Capture, port: int) -> None:
    assert smoke(capsys, "--only", "self", "orders.db") == (
        0,
        "pass  self MS\npass  orders.db MS\npassed: 2 checks, in T\n",
        "",
    )
    assert smoke(capsys, "--exclude", "cache", "self", "--exclude", "orders.stock") == (
        0,
        "pass  features\npass  orders.db MS\npassed: 2 checks, in T\n",
        "",
    )


def test_a_warning_fails_where_it_is_taken_for_a_failure(capsys: Capture, port: int) -> None:
    assert smoke(capsys, "--only", "orders.stock").status == 0
    status, out, _ = smoke(capsys, "--only", "orders.stock", "--strict")
    assert (status, out.splitlines()[-1]) == (1, "failed: orders.stock; 1 of 1 check failed, 1 with a warning, in T")


def test_a_degraded_check_that_fails_is_a_warning(capsys: Capture, home: Home, port: int) -> None:
    (home.path / "config.yml").write_text(
        f"checks: {{cache: {{kind: tcp, host: 127.0.0.1, port: {port}, severity: degraded}}}}\n"
    )
    status, out, _ = smoke(capsys, "--only", "cache")
    assert (status, out.splitlines()[0]) == (0, f"warn  cache MS  connection refused by 127.0.0.1:{port}")


def test_json_has_the_words_of_the_health_endpoint(capsys: Capture, port: int) -> None:
    status, out, err = smoke(capsys, "--format", "json", "--exclude", "self")
    document: dict[str, Any] = json.loads(out)
    assert (status, err) == (1, "")
    assert document.pop("duration_ms") >= 0
    assert document.pop("began").endswith("+00:00")
    for check in document["checks"].values():
        assert check.pop("duration_ms", 0) >= 0
        check.pop("ref", None)
    common = {"probes": ["ready"], "severity": "critical"}
    refused = f"connection refused by 127.0.0.1:{port}"
    assert document == {
        "status": "fail",
        "passed": False,
        "failing": ["cache"],
        "warning": ["orders.stock"],
        "checks": {
            "features": {"status": "pass", **common},
            "cache": {"status": "fail", "reason": refused, **common},
            "orders.db": {"status": "pass", "observed": {"connections": 3}, **common},
            "orders.stock": {"status": "warn", "reason": "two left <of> ten & \u2764", **common},
        },
    }


def test_junit_is_what_jenkins_takes(capsys: Capture, home: Home, port: int) -> None:
    report = home.path / "smoke.xml"
    assert smoke(capsys, "--format", "junit", "--output", str(report)).status == 1
    from xmlschema import XMLSchema  # noqa: PLC0415 (of the tests' dependencies only this one needs it)

    XMLSchema(SCHEMA).validate(str(report))
    suite = ET.parse(report).getroot()[0]
    assert {key: suite.get(key) for key in ("name", "tests", "failures", "errors")} == {
        "name": "petsage",
        "tests": "5",
        "failures": "1",
        "errors": "0",
    }
    told = {case.get("name"): [(part.tag, part.get("message"), part.text) for part in case] for case in suite}
    message = f"connection refused by 127.0.0.1:{port}"
    (tag, said, text) = told.pop("cache")[0]
    assert (tag, said, str(text).partition(" (ref ")[0]) == ("failure", message, f"fail: {message}")
    assert told == {
        "features": [],
        "self": [],
        "orders.db": [],
        "orders.stock": [("system-out", None, "warn: two left <of> ten & \u2764")],
    }


def test_tap_is_read_back_by_prove(capsys: Capture, home: Home, port: int) -> None:
    out = smoke(capsys, "--format", "tap").out
    assert out.splitlines() == [
        "TAP version 14",
        "1..5",
        "ok 1 - features",
        "not ok 2 - cache",
        "  ---",
        "  status: fail",
        "  severity: critical",
        f"  reason: connection refused by 127.0.0.1:{port}",
        "  ref: REF",
        "  ...",
        "ok 3 - self",
        "ok 4 - orders.db",
        "ok 5 - orders.stock",
        "  ---",
        "  status: warn",
        "  severity: critical",
        '  reason: "two left <of> ten & \\u2764"',
        "  ref: REF",
        "  ...",
    ]
    read = prove(home, out)
    assert (read.returncode, "Failed 1/5 subtests" in read.stdout, "Parse errors" in read.stdout) == (1, True, False)
    assert prove(home, smoke(capsys, "--format", "tap", "--only", "self", "orders.stock").out).returncode == 0


def prove(home: Home, tap: str) -> subprocess.CompletedProcess[str]:
    """Have Perl's harness read TAP; the one that Debian 12 has knows no version above 13."""
    program = require_program("prove", "perl")
    file = home.path / "smoke.tap"
    file.write_text(tap.replace("TAP version 14", "TAP version 13", 1))
    return subprocess.run([program, "--exec", "cat", str(file)], check=False, capture_output=True, text=True)


def test_a_file_gets_the_report_whole_and_people_the_text(capsys: Capture, home: Home, port: int) -> None:
    file = home.path / "report.json"
    file.write_text("old")
    status, out, err = smoke(capsys, "--only", "self", "--format", "json", "--output", "report.json")
    assert (status, out, err) == (0, "pass  self MS\npassed: 1 check, in T\n", "")
    assert json.loads(file.read_text())["passed"] is True
    assert sorted(path.name for path in home.path.iterdir()) == ["config.yml", "features", "report.json"]


def test_what_is_red_is_tried_again_until_it_holds(home: Home, port: int) -> None:
    (home.path / "config.yml").write_text("checks: {heartbeat: {kind: file, path: beat}}\n")
    (home.features / "database").unlink()
    with running("smoke", "--retry-for", "60s", cwd=home.path) as process:
        for _ in range(3000):
            if (home.features / "tried").exists() or process.poll() is not None:
                break
            time.sleep(0.01)
        (home.features / "database").touch()
        (home.path / "beat").touch()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["pass", "features"],
        ["pass", "heartbeat"],
        ["pass", "orders.db"],
        ["warn", "orders.stock"],
        ["passed:", "4"],
    ]
    assert "OSError: no database" in err


def test_a_required_feature_in_quarantine_fails(capsys: Capture, home: Home, port: int) -> None:
    (home.features / "database").unlink()
    status, out, _ = smoke(capsys, "--exclude", "cache", "self", "orders.db")
    assert status == 1
    assert out.splitlines() == [
        "FAIL  features             orders: start: OSError (ref REF)",
        "failed: features; 1 of 1 check failed, in T",
    ]
    (home.path / "config.yml").write_text("features: {orders: {required: false}}\n")
    status, out, _ = smoke(capsys)
    assert (status, out.splitlines()[0].split()[:2]) == (0, ["warn", "features"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--only", "cashe"], "petsage smoke: no check is named 'cashe' (did you mean 'cache'?)"),
        (["--exclude", "orders.bd", "zzz"], "no check is named 'zzz'"),
        (["--output", "missing/report"], "petsage smoke: --output: there is no folder missing"),
        (["--format", "xml"], "invalid choice: 'xml'"),
        (["--retry-for", "long"], "not a duration"),
        (["--config", "missing.yml"], "missing.yml"),
    ],
)
def test_misuse_is_told_and_ends_with_2(capsys: Capture, port: int, arguments: list[str], told: str) -> None:
    status, out, err = smoke(capsys, *arguments)
    assert (status, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


def test_a_report_into_a_folder_that_cannot_be_looked_at_is_misuse(home: Home) -> None:
    locked = home.path / "locked"
    locked.mkdir(mode=0)
    command = [*obedient(), sys.executable, "-m", "petsage", "smoke", "--output", "locked/below/report"]
    done = subprocess.run(command, cwd=home.path, check=False, capture_output=True, text=True)
    told = "petsage smoke: --output: locked/below: Permission denied\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


def test_what_a_check_raised_unexpectedly_stands_in_the_log_without_its_password(home: Home) -> None:
    home.drop(
        "orders.py",
        """
        from petsage.feature import CheckSpec, Contribution
        async def db(): raise ValueError("postgres://app:hunter2@db/x")
        def setup(core): return Contribution(checks=[CheckSpec("db", db)])
        """,
    )
    with running("smoke", "--only", "orders.db", cwd=home.path) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert [out.split()[at] for at in (0, 1, 4)] == ["FAIL", "orders.db", "ValueError"]
    assert "check orders.db raised (ref " in err
    assert "hunter2" not in out + err


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_can_be_told_to_a_poor_terminal(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, port: int, form: str
) -> None:
    poor = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", poor)
    assert command(capsys, "smoke", "--format", form, "--exclude", "cache").status == 0
    poor.seek(0)
    assert "two left" in poor.read()


def test_ctrl_c_is_one_line(home: Home) -> None:
    home.drop(
        "slow.py",
        """
        import asyncio
        from pathlib import Path
        from petsage.feature import CheckSpec, Contribution
        async def forever():
            print("running", flush=True)
            await asyncio.sleep(3600)
        def setup(core): return Contribution(checks=[CheckSpec("forever", forever, timeout=3600)])
        """,
    )
    with running("smoke", cwd=home.path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30) == ("", "interrupted\n")
        assert process.returncode == 130
