"""Configurations that multiply: how much they come to is counted in characters, aliases followed."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from petsage.builder.request import RequestError
from petsage.builder.request_file import read_request
from petsage.settings import ConfigError, read

Write = Callable[[str | bytes], Path]

LONG = "x" * 800_000
ALIASES = ", ".join(["*a"] * 8_000)
MULTIPLIED = {
    "values": f"checks:\n  a: &a {LONG}\n  b: [{ALIASES}]\n",
    "keys": f"checks:\n  a: &a {{ ? {LONG} : 1 }}\n  b: [{ALIASES}]\n",
    "quoted": f'checks:\n  a: &a "{LONG}"\n  b: [{ALIASES}]\n',
    "defaults": f'checks:\n  a: &a "${{UNSET:-{LONG}}}"\n  b: [{ALIASES}]\n',
    "lists of lists": (
        f"checks:\n  a: &a [{LONG[:10_000]}]\n  b: &b [{ALIASES[:358]}]\n  c: [{ALIASES[:358].replace('a', 'b')}]\n"
    ),
}


@pytest.mark.parametrize("name", MULTIPLIED)
def test_aliases_of_long_texts_are_counted_by_their_characters(write: Write, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(write(MULTIPLIED[name]))
    assert str(caught.value).partition(": ")[2] == "more than 4 MiB of text, aliases followed"


def test_aliases_that_come_to_little_are_taken(write: Write) -> None:
    draft = read(write(f"checks:\n  a: {{x: &a {'x' * 100}, y: [{ALIASES}]}}\n"))
    draft.finish()
    assert draft.raw(("checks", "a", "y")) == ["x" * 100] * 8_000


def test_a_request_to_the_builder_is_counted_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "request.yml"
    path.write_text(f"feature: orders\ndescription: &a {LONG}\nrequirements: [{ALIASES}]\n")
    with pytest.raises(RequestError) as caught:
        read_request(str(path))
    assert [mistake.partition(": ")[2] for mistake in caught.value.mistakes] == [
        "more than 4 MiB of text, aliases followed"
    ]


def test_a_variable_that_is_repeated_is_counted_each_time(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONG", "x" * 100_000)
    with pytest.raises(ConfigError) as caught:
        read(write(f"checks:\n  a:\n    value: {'${LONG}' * 100}\n")).finish()
    assert str(caught.value) == "config.yml:3:5: checks.a.value: interpolated values are larger than 4 MiB in all"


def test_files_are_not_read_once_it_is_too_much(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "big").write_bytes(b"x" * 1024 * 1024)
    opened: list[str] = []
    really = os.open

    def noting(path: object, *arguments: int, **options: int) -> int:
        opened.append(str(path))
        return really(path, *arguments, **options)  # type: ignore[arg-type]

    values = "".join(f"    v{at}: ${{file:{'./' * at}big}}\n" for at in range(100))
    source = write(f"checks:\n  a:\n{values}")
    monkeypatch.setattr(os, "open", noting)
    with pytest.raises(ConfigError) as caught:
        read(source).finish()
    assert len(caught.value.mistakes) == 96
    assert len([path for path in opened if path.endswith("big")]) == 5


def test_a_configuration_that_multiplies_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "config.yml"
    path.write_text(MULTIPLIED["values"])
    code = f"from petsage.settings import read; from pathlib import Path; read(Path({str(path)!r}))"
    limit = 512 << 20

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, preexec_fn=bounded)
    assert "more than 4 MiB of text" in done.stderr
    assert "MemoryError" not in done.stderr
