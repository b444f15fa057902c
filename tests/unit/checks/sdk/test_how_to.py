"""The how-to of `docs/kinds.md` works as it is written, and a kind needs no other file than its own."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import petsage
from petsage.bootstrap import load
from petsage.checks import CheckFailed, CheckSpec, Code
from petsage.settings import ConfigError
from tests.support.peers import answering, peer, silent

PAGE = (Path(__file__).parents[4] / "docs" / "kinds.md").read_text()
FILES = dict(re.findall(r"```\w+\n# ([\w./]+)\n(.*?)```", PAGE.partition("## Writing a kind")[2], re.DOTALL))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install the how-to's package in a temporary folder, as its `pyproject.toml` says."""
    (tmp_path / "acme_checks").mkdir()
    (tmp_path / "acme_checks" / "memcached.py").write_text(FILES["acme_checks/memcached.py"])
    group, names = re.findall(r'\[project\.entry-points\."([\w.]+)"\]\n(.*)', FILES["pyproject.toml"], re.DOTALL)[0]
    metadata = tmp_path / "acme_checks-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-checks\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{names.replace(chr(34), '')}")
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("acme_checks", "acme_checks.memcached"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    return tmp_path


def loaded(folder: Path, config: str) -> CheckSpec:
    (folder / "config.yml").write_text(config)
    (spec,) = load(folder / "config.yml").core.declared_checks()
    return spec


async def run(spec: CheckSpec) -> Any:
    check: Any = spec.check
    return await check.run()


def sources() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in Path(petsage.__file__).parent.rglob("*.py")}


async def test_the_example_is_a_kind_and_petsage_is_not_changed(folder: Path) -> None:
    before = sources()
    async with peer(answering(b"VERSION 1.6.40\r\n")) as port:
        spec = loaded(folder, FILES["config.yml"].replace("11211", str(port)))
        observed = await run(spec)
    assert (spec.name, spec.interval, spec.external, spec.component_type) == ("sessions", 5, True, "datastore")
    assert observed == {"version": "1.6.40", "latency_ms": observed["latency_ms"]}
    assert sources() == before


async def test_the_example_names_another_protocol(folder: Path) -> None:
    async with peer(answering(b"-ERR unknown command\r\n")) as port:
        with pytest.raises(CheckFailed) as raised:
            await run(loaded(folder, FILES["config.yml"].replace("11211", str(port))))
    assert str(raised.value) == f"127.0.0.1:{port} is not a memcached server: it answered Redis"
    assert raised.value.code is Code.PROTOCOL


async def test_the_example_says_what_it_waited_for_when_it_times_out(folder: Path) -> None:
    async with peer(silent) as port:
        spec = loaded(folder, FILES["config.yml"].replace("11211", str(port)))
        with pytest.raises(TimeoutError) as raised:
            async with asyncio.timeout(0.2):
                await run(spec)
    assert raised.value.__cause__ is not None
    assert raised.value.__cause__.__notes__ == [f"connected, but 127.0.0.1:{port} sends nothing"]


def test_the_example_is_refused_in_liveness(folder: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"checks\.sessions\.probes: a check of kind 'memcached' asks something outside this process"
    ):
        loaded(folder, FILES["config.yml"].replace("interval: 5s", "probes: [live]"))
