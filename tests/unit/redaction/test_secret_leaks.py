"""No secret of a configuration leaves the process, and no text from outside is obeyed by a terminal."""

import base64
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.pytest_plugin import AiohttpClient

from petsage.app import attach
from petsage.cli import main
from petsage.wait import parse_target
from tests.support.command_line import command
from tests.support.project import Project
from tests.support.server_process import serving

M = "********"
PASSWORD = "it's a p@ss/word%"
TOKEN = "tok-1234567890-abcdef"
HEADER = "plain-header-value"
ENVIRONMENT = "plain environment"
SECRETS = (
    PASSWORD,
    quote(PASSWORD, safe=""),
    TOKEN,
    HEADER,
    ENVIRONMENT,
    base64.b64encode(f"u:{PASSWORD}".encode()).decode(),
)
CONFIG = f"""
server: {{port: 0, drain: 0s, access_log: all}}
log: {{format: FORMAT}}
checks:
  web:
    kind: http
    url: http://u:{quote(PASSWORD, safe="")}@127.0.0.1:1/x
    headers: {{X-Token: "Key ${{file:token}}", X-Other: {HEADER}}}
  run: {{kind: command, argv: [sh, -c, 'echo "$$WORD"; exit 1'], env: {{WORD: {ENVIRONMENT}}}}}
"""
FEATURE = """
import logging, os, sys
from aiohttp import web
from petsage.feature import Contribution

async def fail(request):
    logging.getLogger("mine").warning("got %s", request.query, extra={"query": dict(request.query)})
    raise ValueError(request.query["said"])

def setup(core):
    return Contribution(routes=[web.get("/fail", fail)])
"""


def write(folder: Path, form: str = "text") -> None:
    (folder / "config.yml").write_text(CONFIG.replace("FORMAT", form))
    (folder / "token").write_text(f"{TOKEN}\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_is_in_a_log_line_or_an_answer_of_the_server(project: Project, form: str) -> None:
    write(project.path, form)
    project.add_feature("fails.py", FEATURE)
    with serving(cwd=project.path) as server:
        answers = [server.get(f"/fail?said=x{quote(secret, safe='')}x").body for secret in SECRETS]
        answers += [server.get(f"/{quote(secret, safe='')}").body for secret in SECRETS[2:5]]
        answers += [server.get(path).body for path in ("/health", "/readyz?verbose", "/smoke-test", "/openapi.json")]
    assert server.log.count("ValueError: x") >= len(SECRETS)
    assert [secret for secret in SECRETS if secret in server.log] == []
    assert [secret for secret in (PASSWORD, ENVIRONMENT) if any(secret in answer for answer in answers)] == []


async def test_loggers_of_petsage_mask_in_another_application(
    project: Project, aiohttp_client: AiohttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    write(project.path)
    (project.path / "features" / "fails.py").write_text(FEATURE)
    app = web.Application()
    loaded = project.load(features={"health": {"token": TOKEN}})
    attach(app, loaded)
    client = await aiohttp_client(app)
    assert (await client.get("/fail", params={"said": f"x{TOKEN}x"})).status == 500
    ours = [logging.Formatter().format(record) for record in caplog.records if record.name.startswith("petsage.")]
    assert any(f"ValueError: x{M}x" in line for line in ours)
    assert [line for line in ours if TOKEN in line] == []


def test_config_show_masks_what_schemas_call_secret(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    write(project.path)
    assert main(["config", "show", str(project.path / "config.yml")]) == 0
    shown = capsys.readouterr().out
    assert [secret for secret in SECRETS if secret in shown] == []
    assert f"url: http://u:{M}@127.0.0.1:1/x" in shown
    assert f"X-Token: '{M}'" in shown
    assert f"X-Other: '{M}'" in shown
    assert f"WORD: '{M}'" in shown


def test_smoke_shows_no_secret(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project.path)
    monkeypatch.chdir(project.path)
    assert main(["smoke"]) == 1
    said = "".join(capsys.readouterr())
    assert [secret for secret in SECRETS if secret in said] == []
    assert f"  {M}\n" in said


WARNS = """
import threading, warnings
from marshmallow import Schema
from petsage.feature import Contribution
from petsage.fields import SecretText

class PinSchema(Schema):
    pin = SecretText()

settings_schema = PinSchema()

def setup(core, settings):
    pin = settings["pin"].reveal()
    warnings.warn(f"pin {pin} \\x1b[31m")
    thread = threading.Thread(target=lambda: int(pin))
    thread.start()
    thread.join()
    return Contribution()
"""


@pytest.mark.parametrize("arguments", [["feature", "list"], ["smoke"], ["openapi"], ["emit", "compose"]])
def test_warnings_and_failed_threads_of_a_command_show_no_secret(project: Project, arguments: list[str]) -> None:
    project.add_feature("warns.py", WARNS)
    (project.path / "config.yml").write_text(f"features: {{warns: {{pin: {TOKEN}}}}}")
    command = [sys.executable, "-W", "always", "-m", "petsage", *arguments]
    done = subprocess.run(command, cwd=project.path, capture_output=True, timeout=60, check=False)
    said = (done.stdout + done.stderr).decode()
    assert f"UserWarning: pin {M} \\x1b[31m\n" in said
    assert f"ValueError: invalid literal for int() with base 10: '{M}'\n" in said
    assert [one for one in (TOKEN, "\x1b") if one in said] == []


def test_a_section_that_no_schema_knows_shows_no_value(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.add_feature("broken.py", "import no_such_module")
    (project.path / "config.yml").write_text(f"features: {{broken: {{plain: {TOKEN}, list: [{HEADER}]}}}}")
    assert main(["config", "show", str(project.path / "config.yml")]) == 0
    said = "".join(capsys.readouterr())
    assert f"    plain: '{M}'\n    list:\n    - '{M}'\n" in said
    assert [one for one in (TOKEN, HEADER) if one in said] == []


ESCAPE = "\x1b[31m"
LONG = "a" * 200_000


def run(arguments: list[str]) -> tuple[int, str]:
    """Run a command in a process of its own: `serve` takes signals and sets logging up."""
    done = subprocess.run(
        [sys.executable, "-m", "petsage", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def run_here(capsys: pytest.CaptureFixture[str]) -> Callable[[list[str]], tuple[int, str]]:
    def run(arguments: list[str]) -> tuple[int, str]:
        done = command(capsys, *arguments)
        return done.status, done.out + done.err

    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ["feature", "new", f"x{ESCAPE}", "--description", "d", "--requires", f"x{ESCAPE}", f"package: x{ESCAPE}"],
        ["feature", "new", LONG, "--description", LONG, "--requires", LONG, f"package: {LONG}"],
        ["feature", "new", "--from", f"x{ESCAPE}"],
        ["feature", "check", f"x{ESCAPE}"],
        ["feature", "check", LONG],
        ["config", "check", f"x{ESCAPE}"],
        ["config", "show", LONG],
        ["wait", f"x{ESCAPE}"],
        ["wait", f"--x{ESCAPE}", LONG],
        ["wait", "--config", f"x{ESCAPE}"],
        ["wait", f"unix:/x%0a{ESCAPE}", f"http://127.0.0.1:1/{LONG}?{LONG}", "--timeout", "100ms"],
        ["smoke", "--only", f"x{ESCAPE}", LONG],
        ["smoke", "--output", f"/x{ESCAPE}/y"],
        ["serve", "--config", f"x{ESCAPE}"],
        ["serve", "--host", f"x{ESCAPE}", "--port", "0"],
        ["emit", f"x{ESCAPE}"],
        ["openapi", "--config", LONG],
        [f"x{ESCAPE}{LONG}"],
    ],
)
def test_no_command_writes_an_escape_or_a_megabyte_to_the_terminal(
    project: Project, arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.path)
    status, said = (run if arguments[0] == "serve" else run_here(capsys))([one[:100_000] for one in arguments])
    assert status in {1, 2}
    assert "\x1b" not in said
    assert 10 < len(said) < 10_000


def test_a_list_of_features_holds_no_escape_and_no_megabyte(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.add_feature(
        "loud.py",
        f'"""Loud {ESCAPE} {LONG}"""\ndef setup(core): raise ValueError("{ESCAPE}" + "{LONG}")'.replace(
            "\x1b", "\\x1b"
        ),
    )
    (project.path / "config.yml").write_text("{}")
    assert main(["feature", "list", "--config", str(project.path / "config.yml")]) == 1
    said = "".join(capsys.readouterr())
    assert "\x1b" not in said
    assert len(said) < 10_000
    assert r"\x1b[31m" in said


def test_a_wait_names_no_query_and_no_password(capsys: pytest.CaptureFixture[str]) -> None:
    url = "http://user:hunter22@127.0.0.1:1/x?token=abcdef&y=1"
    assert main(["wait", url, "--timeout", "100ms"]) == 1
    said = "".join(capsys.readouterr())
    assert "waiting for http://127.0.0.1:1/x\n" in said
    assert [one for one in ("hunter22", "abcdef", "token", "user") if one in said] == []
    assert [one for one in ("hunter22", "abcdef") if one in repr(parse_target(url))] == []
