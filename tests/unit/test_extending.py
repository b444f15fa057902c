"""Each addition touches one folder: a feature, a kind of check, a command, a dialect, a smoke reporter, a setting."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import petsage

PACKAGE = Path(petsage.__file__).parent

NOMAD = '''
    """Nomad, as a service check."""

    from petsage.manifests.timings import Timings


    def render(timings: Timings) -> str:
        """Return a block `check`."""
        return f'check {{ path = "/readyz", interval = "{timings.interval}s" }}'
'''
NAMES = '''
    """Names of the checks, separated by commas."""

    from petsage.smoke.report import Report


    def write(report: Report, *, strict: bool) -> str:
        """Return one line."""
        return ",".join(result.name for result in report.results)
'''
GREETINGS = '''
    """Greets."""

    from aiohttp import web

    from petsage.feature import Contribution


    async def greet(request: web.Request) -> web.Response:
        """Say hello."""
        return web.Response(text="hello")


    def setup(core: object) -> Contribution:
        """Contribute `GET /greetings`."""
        return Contribution(routes=[web.get("/greetings", greet)])
'''
LETTERS = '''
    """`letters`: a text that is not too long."""

    from dataclasses import dataclass

    from marshmallow import fields

    from petsage.checks.model import CheckFailed
    from petsage.checks.sdk.settings import KindSchema

    external = False


    @dataclass(frozen=True, kw_only=True)
    class Letters:
        """Holds when `text` has at most `most` letters."""

        text: str
        most: int = 5

        def run(self) -> None:
            """Count them."""
            if len(self.text) > self.most:
                raise CheckFailed(f"{len(self.text)} letters are too many")


    class LettersSchema(KindSchema):
        """Settings of `letters`."""

        check_class = Letters

        text = fields.String(required=True)
        most = fields.Integer(strict=True)


    schema = LettersSchema()
'''
HELLO = '''
    """Say hello."""

    import argparse

    from petsage.cli._console import say


    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--to", default="you", help="the name")


    def run(options: argparse.Namespace) -> int:
        """Say it."""
        say(f"hello {options.to}")
        return 0
'''

Run = Callable[..., str]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, which Python imports instead of the original when it is started there."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(PACKAGE, folder / "petsage", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def run(checkout: Path) -> Run:
    """Run a command of the copy, and return its standard output."""

    def run_command(*arguments: str) -> str:
        command = [sys.executable, "-m", "petsage", *arguments]
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_command


def add(checkout: Path, name: str, source: str) -> None:
    path = checkout / "petsage" / name
    assert not path.exists()
    path.write_text(dedent(source).lstrip())


def test_a_dialect_is_one_module_in_manifests_dialects(checkout: Path, run: Run) -> None:
    add(checkout, "manifests/dialects/nomad.py", NOMAD)
    assert run("emit", "nomad") == 'check { path = "/readyz", interval = "5s" }\n'
    assert "nomad" in run("emit", "--help")


def test_a_smoke_reporter_is_one_module_in_smoke_reporters(checkout: Path, run: Run) -> None:
    (checkout / "config.yml").write_text("checks: {disk: {kind: disk, path: /, fail_below: 0%}}\n")
    add(checkout, "smoke/reporters/names.py", NAMES)
    assert run("smoke", "--config", "config.yml", "--format", "names") == "features,disk\n"
    assert "names" in run("smoke", "--help")


def test_a_kind_of_check_is_one_module_in_checks_kinds(checkout: Path, run: Run) -> None:
    add(checkout, "checks/kinds/letters.py", LETTERS)
    file = checkout / "letters.yml"
    long = "{kind: letters, text: Maximilian, severity: degraded}"
    file.write_text(f"checks: {{short: {{kind: letters, text: Rex}}, long: {long}}}\n")
    checks = json.loads(run("smoke", "--config", file.name, "--format", "json"))["checks"]
    results = {name: (check["status"], check.get("reason")) for name, check in checks.items()}
    assert results == {
        "features": ("pass", None),
        "short": ("pass", None),
        "long": ("warn", "10 letters are too many"),
    }
    assert "  short:\n    kind: letters\n    text: Rex\n" in run("config", "show", file.name)
    file.write_text("checks: {short: {kind: letters, least: 2}}\n")
    with pytest.raises(AssertionError, match=r"checks\.short\.least: unknown key"):
        run("config", "check", file.name)


def test_a_feature_is_one_module_in_features(checkout: Path, run: Run) -> None:
    add(checkout, "features/greetings.py", GREETINGS)
    assert "greetings" in run("feature", "list")
    document = json.loads(run("openapi"))
    assert document["paths"]["/greetings"]["get"]["summary"] == "Say hello."


def test_a_command_is_one_module_in_cli(checkout: Path, run: Run) -> None:
    add(checkout, "cli/hello.py", HELLO)
    assert run("hello", "--to", "Rex") == "hello Rex\n"
    assert re.search(r"^ +hello +say hello$", run("--help"), re.MULTILINE) is not None
    assert "--to" in run("hello", "--help")
    assert "hello" in run("completion", "bash")


def test_a_setting_is_a_line_in_its_value_and_in_its_schema_in_settings(checkout: Path, run: Run) -> None:
    schemas = checkout / "petsage" / "settings" / "schemas.py"
    value, field = '    format: str = "text"\n', '    format = fields.String(validate=_one_of("text", "json"))\n'
    source = schemas.read_text()
    assert (source.count(value), source.count(field)) == (1, 1)
    source = source.replace(value, f'{value}    colour: str = "none"\n')
    source = source.replace(field, f'{field}    colour = fields.String(validate=_one_of("none", "all"))\n')
    schemas.write_text(source)
    (checkout / "log.yml").write_text("log: {colour: all}\n")
    assert "log:\n  level: info\n  format: text\n  colour: none\n" in run("config", "show")
    assert "log:\n  level: info\n  format: text\n  colour: all\n" in run("config", "show", "log.yml")
    (checkout / "log.yml").write_text("log: {color: all}\n")
    with pytest.raises(AssertionError, match=r"log\.color: unknown key \(did you mean 'colour'\?\)"):
        run("config", "check", "log.yml")
