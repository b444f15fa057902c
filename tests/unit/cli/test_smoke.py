"""`petsage smoke`: runs every check once, by the rules of the server, and reports in four formats."""

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

from petsage.smoke.reporters import FORMATS
from tests.support.command_line import Done, command, running
from tests.support.peers import closed_port
from tests.support.project import Project
from tests.support.require import require_program, without_capabilities

Capture = pytest.CaptureFixture[str]
CODES_OF_CACHE = ("refused", "failed")
"""What a refused connection is called: the second by a kind of check that gives no code."""
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
    raise CheckWarning("two left <of> ten & \\u2764", code="threshold")

def setup(core):
    return Contribution(checks=[CheckSpec("db", db), CheckSpec("stock", stock)], lifespans=[pool()])
"""


@pytest.fixture
def port(project: Project, monkeypatch: pytest.MonkeyPatch) -> int:
    """The port of a cache that is down; the configuration has a feature, too, whose database is there."""
    monkeypatch.chdir(project.path)
    port = closed_port()
    checks = f"cache: {{kind: tcp, host: 127.0.0.1, port: {port}}}, self: {{kind: disk, path: /}}"
    (project.path / "config.yml").write_text(f"checks: {{{checks}}}\n")
    project.add_feature("orders.py", dedent(ORDERS))
    (project.features / "database").touch()
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


def test_a_degraded_check_that_fails_is_a_warning(capsys: Capture, project: Project, port: int) -> None:
    (project.path / "config.yml").write_text(
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
    assert document["checks"]["cache"].pop("code") in CODES_OF_CACHE
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
            "orders.stock": {
                "status": "warn",
                "reason": "two left <of> ten & \u2764",
                "code": "threshold",
                **common,
            },
        },
    }


def test_junit_is_what_jenkins_takes(capsys: Capture, project: Project, port: int) -> None:
    report = project.path / "smoke.xml"
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
    assert [part.get("type") in CODES_OF_CACHE for part in suite.iter("failure")] == [True]
    cases = {case.get("name"): [(part.tag, part.get("message"), part.text) for part in case] for case in suite}
    message = f"connection refused by 127.0.0.1:{port}"
    (tag, summary, text) = cases.pop("cache")[0]
    assert (tag, summary, str(text).partition(" (ref ")[0]) == ("failure", message, f"fail: {message}")
    assert cases == {
        "features": [],
        "self": [],
        "orders.db": [],
        "orders.stock": [("system-out", None, "warn: two left <of> ten & \u2764")],
    }


def test_tap_is_read_back_by_prove(capsys: Capture, project: Project, port: int) -> None:
    out = smoke(capsys, "--format", "tap").out
    code = out.splitlines()[8].removeprefix("  code: ")
    assert code in CODES_OF_CACHE
    assert out.splitlines() == [
        "TAP version 14",
        "1..5",
        "ok 1 - features",
        "not ok 2 - cache",
        "  ---",
        "  status: fail",
        "  severity: critical",
        f"  reason: connection refused by 127.0.0.1:{port}",
        f"  code: {code}",
        "  ref: REF",
        "  ...",
        "ok 3 - self",
        "ok 4 - orders.db",
        "ok 5 - orders.stock",
        "  ---",
        "  status: warn",
        "  severity: critical",
        '  reason: "two left <of> ten & \\u2764"',
        "  code: threshold",
        "  ref: REF",
        "  ...",
    ]
    read = prove(project, out)
    assert (read.returncode, "Failed 1/5 subtests" in read.stdout, "Parse errors" in read.stdout) == (1, True, False)
    assert prove(project, smoke(capsys, "--format", "tap", "--only", "self", "orders.stock").out).returncode == 0


def prove(project: Project, tap: str) -> subprocess.CompletedProcess[str]:
    """Have Perl's harness read TAP; the one that Debian 12 has knows no version above 13."""
    program = require_program("prove", "perl")
    file = project.path / "smoke.tap"
    file.write_text(tap.replace("TAP version 14", "TAP version 13", 1))
    return subprocess.run([program, "--exec", "cat", str(file)], check=False, capture_output=True, text=True)


def test_a_file_gets_the_report_whole_and_people_the_text(capsys: Capture, project: Project, port: int) -> None:
    file = project.path / "report.json"
    file.write_text("old")
    status, out, err = smoke(capsys, "--only", "self", "--format", "json", "--output", "report.json")
    assert (status, out, err) == (0, "pass  self MS\npassed: 1 check, in T\n", "")
    assert json.loads(file.read_text())["passed"] is True
    assert sorted(path.name for path in project.path.iterdir()) == ["config.yml", "features", "report.json"]


def test_what_is_red_is_tried_again_until_it_holds(project: Project, port: int) -> None:
    (project.path / "config.yml").write_text("checks: {heartbeat: {kind: file, path: beat}}\n")
    (project.features / "database").unlink()
    with running("smoke", "--retry-for", "60s", cwd=project.path) as process:
        for _ in range(3000):
            if (project.features / "tried").exists() or process.poll() is not None:
                break
            time.sleep(0.01)
        (project.features / "database").touch()
        (project.path / "beat").touch()
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


def test_a_required_feature_in_quarantine_fails(capsys: Capture, project: Project, port: int) -> None:
    (project.features / "database").unlink()
    status, out, _ = smoke(capsys, "--exclude", "cache", "self", "orders.db")
    assert status == 1
    assert out.splitlines() == [
        "FAIL  features             orders: start: OSError (ref REF)",
        "failed: features; 1 of 1 check failed, in T",
    ]
    (project.path / "config.yml").write_text("features: {orders: {required: false}}\n")
    status, out, _ = smoke(capsys)
    assert (status, out.splitlines()[0].split()[:2]) == (0, ["warn", "features"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--only", "cashe"], "petsage smoke: no check is named 'cashe' (did you mean 'cache'?)"),
        (["--exclude", "orders.bd", "zzz"], "no check is named 'zzz'"),
        (["--output", "missing/report"], "petsage smoke: --output: there is no folder missing"),
        (["--format", "xml"], "invalid choice: 'xml'"),
        (["--retry-for", "long"], "not a duration"),
        (["--config", "missing.yml"], "missing.yml"),
    ],
)
def test_misuse_is_reported_and_exits_with_2(capsys: Capture, port: int, arguments: list[str], expected: str) -> None:
    status, out, err = smoke(capsys, *arguments)
    assert (status, out) == (2, "")
    assert expected in err
    assert "Traceback" not in err


def test_a_report_into_a_folder_that_cannot_be_looked_at_is_misuse(project: Project) -> None:
    (project.path / "config.yml").write_text("checks: {own: {kind: file, path: config.yml}}\n")
    locked = project.path / "locked"
    locked.mkdir(mode=0)
    command = [*without_capabilities(), sys.executable, "-m", "petsage", "smoke", "--output", "locked/below/report"]
    done = subprocess.run(command, cwd=project.path, check=False, capture_output=True, text=True)
    expected = "petsage smoke: --output: locked/below: Permission denied\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)


def test_unexpected_exceptions_of_checks_are_logged_without_their_password(project: Project) -> None:
    project.add_feature(
        "orders.py",
        """
        from petsage.feature import CheckSpec, Contribution
        async def db(): raise ValueError("postgres://app:hunter2@db/x")
        def setup(core): return Contribution(checks=[CheckSpec("db", db)])
        """,
    )
    with running("smoke", "--only", "orders.db", cwd=project.path) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert [out.split()[at] for at in (0, 1, 4)] == ["FAIL", "orders.db", "ValueError"]
    assert "check orders.db raised (ref " in err
    assert "hunter2" not in out + err


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_can_be_written_to_an_ascii_terminal(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, port: int, form: str
) -> None:
    poor = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", poor)
    assert command(capsys, "smoke", "--format", form, "--exclude", "cache").status == 0
    poor.seek(0)
    assert "two left" in poor.read()


def test_ctrl_c_is_one_line(project: Project) -> None:
    project.add_feature(
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
    with running("smoke", cwd=project.path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30) == ("", "interrupted\n")
        assert process.returncode == 130


DOWN = "its feature is down: orders: start: OSError"


def test_a_check_that_was_asked_for_fails_while_its_feature_is_down(
    capsys: Capture, project: Project, port: int
) -> None:
    (project.features / "database").unlink()
    assert smoke(capsys, "--only", "orders.db", "self")[:2] == (
        1,
        f"pass  self MS\nFAIL  orders.db             {DOWN}\nfailed: orders.db; 1 of 2 checks failed, in T\n",
    )
    (project.path / "config.yml").write_text("features: {orders: {required: false}}\n")
    status, out, _ = smoke(capsys, "--only", "orders.db", "--format", "json")
    document = json.loads(out)
    assert (status, document["passed"], document["failing"]) == (1, False, ["orders.db"])
    check = document["checks"]["orders.db"]
    assert (check["status"], check["reason"], check["code"]) == ("fail", DOWN, "quarantined")
    tap = smoke(capsys, "--only", "orders.db", "--format", "tap").out
    assert prove(project, tap).returncode == 1


def test_a_check_that_was_asked_for_is_tried_again_until_its_feature_is_up(project: Project, port: int) -> None:
    (project.features / "database").unlink()
    with running("smoke", "--only", "orders.db", "--retry-for", "60s", cwd=project.path) as process:
        for _ in range(3000):
            if (project.features / "tried").exists() or process.poll() is not None:
                break
            time.sleep(0.01)
        (project.features / "database").touch()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert [line.split()[:2] for line in out.splitlines()] == [["pass", "orders.db"], ["passed:", "1"]]


@pytest.mark.parametrize("form", FORMATS)
def test_a_run_that_checked_nothing_fails_in_every_format(
    capsys: Capture, project: Project, port: int, form: str
) -> None:
    status, out, err = smoke(capsys, "--only", "self", "--exclude", "self", "--format", form)
    assert (status, err) == (1, "")
    assert "nothing was checked" in out
    if form == "text":
        assert out.splitlines()[-1] == "failed: nothing was checked, in T"
    if form == "junit":
        suite = ET.fromstring(out.encode())[0]
        assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    if form == "tap":
        assert prove(project, out).returncode == 1


def test_a_feature_that_dies_while_its_checks_are_tried_fails_them(
    capsys: Capture, project: Project, port: int
) -> None:
    (project.path / "config.yml").write_text("{}\n")
    project.add_feature(
        "orders.py",
        """
        import asyncio
        from contextlib import asynccontextmanager
        from petsage.checks import CheckFailed, CheckSpec
        from petsage.feature import Contribution

        die = asyncio.Event()

        @asynccontextmanager
        async def life():
            async def child():
                await die.wait()
                raise OSError("the disk is gone")
            async with asyncio.TaskGroup() as group:
                group.create_task(child())
                yield

        async def db():
            die.set()
            raise CheckFailed("down")

        def setup(core): return Contribution(checks=[CheckSpec("db", db)], lifespans=[life()])
        """,
    )
    status, out, _ = smoke(capsys, "--exclude", "features", "--retry-for", "700ms")
    assert (status, "orders.db" in out, "passed" in out) == (1, True, False)


def test_the_tuning_of_a_check_that_its_feature_does_not_bring_fails(
    capsys: Capture, project: Project, port: int
) -> None:
    (project.path / "config.yml").write_text("checks: {orders.bd: {interval: 1s}}\n")
    reason = "checks.orders.bd overrides a check that orders does not have (did you mean 'orders.db'?)"
    status, out, _ = smoke(capsys, "--exclude", "orders.stock")
    assert (status, out.splitlines()) == (
        1,
        [
            "pass  features",
            "pass  orders.db MS",
            f"FAIL  orders.bd             {reason}",
            "failed: orders.bd; 1 of 3 checks failed, in T",
        ],
    )
    assert smoke(capsys, "--only", "orders.db").status == 0
    assert smoke(capsys, "--only", "orders.bd").status == 1


def test_a_check_that_is_disabled_says_so_when_it_is_asked_for(capsys: Capture, project: Project, port: int) -> None:
    (project.path / "config.yml").write_text(
        "checks: {self: {kind: disk, path: /, enabled: false}}\nfeatures: {orders: {enabled: false}}\n"
    )
    assert smoke(capsys, "--only", "self", "orders.db") == (
        2,
        "",
        (
            "petsage smoke: no check is named 'self': 'self' is disabled; no check is named 'orders.db': "
            "'orders' is disabled\n"
        ),
    )


def test_where_there_is_nothing_to_check_it_is_misuse(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert smoke(capsys) == (
        2,
        "",
        (
            "petsage smoke: there is nothing to check: no ./config.yml, no feature in ./features, and none installed; "
            "name a configuration with --config FILE\n"
        ),
    )
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "mine.py").write_text(
        "from petsage.feature import Contribution\ndef setup(core): return Contribution()\n"
    )
    assert smoke(capsys)[:2] == (0, "pass  features\npassed: 1 check, in T\n")
