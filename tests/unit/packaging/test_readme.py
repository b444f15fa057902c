"""Commands and blocks of the README are run unchanged, with the output that it shows."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from petsage.app import attach
from petsage.bootstrap import load
from petsage.checks import CheckSpec, Code
from tests.support.require import require_program, require_script
from tests.support.server_process import Server, serving

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
_FILE = re.compile(r"^```python (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SESSION = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    """Return the README from one heading to the next."""
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def write_files(text: str, folder: Path) -> None:
    for name, source in _FILE.findall(text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)


def commands(session: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console session with the output that is shown for it."""
    for part in session.split("$ ")[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def assert_shown(session: str, folder: Path, server: Server | None) -> None:
    require_program("curl", "curl")
    for command, shown in commands(session):
        real = re.sub(r"(^|; )petsage ", rf"\1{shlex.quote(sys.executable)} -m petsage ", command)
        real = re.sub(r"^petsage-probe ", lambda _: f"{require_script('petsage-probe')} ", real)
        real = real.replace("localhost:8080", server.url.removeprefix("http://")) if server else real
        done = subprocess.run(["bash", "-c", real], cwd=folder, check=False, capture_output=True, text=True)
        pattern = ".*".join(map(re.escape, lines_of(shown).split("…")))
        assert re.fullmatch(pattern, lines_of(done.stdout + done.stderr)), f"$ {command}\n{done.stdout}{done.stderr}"


def lines_of(text: str) -> str:
    """Return the text without what only aligns it."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def test_the_first_answer(tmp_path: Path) -> None:
    (session,) = _SESSION.findall(section("Two commands"))
    with serving("--config", str(ROOT / "config.yml"), cwd=tmp_path) as server:
        assert_shown(session, tmp_path, server)


def test_the_checks_and_the_probes(tmp_path: Path) -> None:
    text = section("Checks and probes")
    (session,) = _SESSION.findall(text)
    with serving(cwd=tmp_path) as server:
        assert_shown(session, tmp_path, server)
    (config,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "config.yml").write_text(config)
    assert [spec.name for spec in load(tmp_path / "config.yml").core.declared_checks()] == ["db", "cache", "uploads"]


@pytest.mark.parametrize("title", ["Asked from a shell: `petsage-probe`", "Configuration"])
def test_what_is_typed_into_a_shell(tmp_path: Path, title: str) -> None:
    (session,) = _SESSION.findall(section(title))
    with serving(cwd=tmp_path) as server:
        assert_shown(session, tmp_path, server)


@pytest.mark.slow
def test_a_feature_in_five_minutes(tmp_path: Path) -> None:
    text = section("A feature in five minutes")
    *typed, served, broken = _SESSION.findall(text)
    for session in typed:
        assert_shown(session, tmp_path, None)
    with serving(cwd=tmp_path) as server:
        assert_shown(served, tmp_path, server)
    assert "`PATH = no_such_name`" in text
    handlers = tmp_path / "features" / "grooming" / "handlers.py"
    handlers.write_text(handlers.read_text().replace("PATH = ", "PATH = no_such_name  # ", 1))
    with serving(cwd=tmp_path) as server:
        assert_shown(broken, tmp_path, server)


def test_a_feature_by_hand(tmp_path: Path) -> None:
    text = section("A feature by hand")
    write_files(text, tmp_path)
    served, listed, broken = _SESSION.findall(text)
    with serving(cwd=tmp_path) as server:
        assert_shown(served, tmp_path, server)
    assert_shown(listed, tmp_path, None)
    feature = tmp_path / "features" / "greetings.py"
    source = feature.read_text()
    mistake = 'raise RuntimeError("no database")'
    assert mistake in text
    feature.write_text(source.replace("    return Contribution", f"    {mistake}\n    return Contribution"))
    with serving(cwd=tmp_path) as server:
        assert_shown(broken, tmp_path, server)
        assert "no database" in server.log


@pytest.mark.slow
def test_a_feature_with_a_pool_is_served_and_its_own_tests_pass(tmp_path: Path) -> None:
    text = section("A feature with a pool, a check and a body")
    write_files(text, tmp_path)
    (session,) = _SESSION.findall(text)
    with serving(cwd=tmp_path) as server:
        assert_shown(session, tmp_path, server)
    (tmp_path / "features" / "orders" / "tests" / "__init__.py").touch()
    (tmp_path / "features" / "__init__.py").touch()
    own = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-o", "asyncio_mode=auto", "features/orders"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert own.returncode == 0, own.stdout
    assert "1 passed" in own.stdout


def test_the_application_that_you_have_already(tmp_path: Path) -> None:
    text = section("In an application that you have already")
    (source,) = [source for _, source in _FILE.findall(text)]
    start = "web.run_app(app)"
    assert start in source
    asking = """
import asyncio
from aiohttp.test_utils import TestClient, TestServer
async def ask():
    async with TestClient(TestServer(app)) as client:
        print((await client.get("/smoke-test")).status, (await client.get("/openapi.json")).status)
asyncio.run(ask())
"""
    done = subprocess.run(
        [sys.executable, "-c", source.replace(start, asking)], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert done.stdout == "200 200\n", done.stderr


async def test_a_check_of_a_pool_of_ones_own_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    class Pool:
        asked: list[str] = []  # noqa: RUF012 (a fake of one test)

        async def fetchval(self, query: str) -> bool:
            self.asked.append(query)
            return True

    text = section("In an application that you have already")
    (source,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    names = {
        "load": load,
        "CheckSpec": CheckSpec,
        "partial": partial,
        "pool": Pool(),
        "app": web.Application(),
        "attach": attach,
    }
    exec(source, names)
    loaded: Any = names["loaded"]
    async with loaded.core.monitor() as monitor:
        detail = (await monitor.fresh(deadline=10)).checks["db"]
    assert (detail.status, detail.reason, Pool.asked) == ("pass", None, ["select true"])


def test_every_code_has_a_line_in_its_page() -> None:
    page = (ROOT / "docs" / "codes.md").read_text()
    tables = page.partition("## What becomes")[0]
    rows = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    assert [code for row in rows for code in re.findall(r"`(\w+)`", row)] == [code.value for code in Code]


@pytest.mark.parametrize("target", ["run", "test"])
def test_the_two_commands_are_targets_of_make(target: str) -> None:
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"make {target} " in section("Two commands")
