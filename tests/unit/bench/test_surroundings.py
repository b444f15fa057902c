import subprocess
import sys
from pathlib import Path

from bench.surroundings import commit, machine, versions
from tests.support.require import require_program


def test_nothing_in_it_names_the_machine() -> None:
    found = machine()
    assert set(found) == {"cpu", "cores", "memory_mb", "system", "kernel"}
    assert str(found["kernel"]).replace(".", "").isdigit()


def test_the_versions_are_those_of_the_environments() -> None:
    python = Path(sys.executable)
    found = versions(python, python)
    assert found["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"petsage", "aiohttp", "marshmallow"} <= set(found)
    assert not [name for name in found if "(peers)" in name]


def git(checkout: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    command = [require_program("git", "git"), "-C", str(checkout), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_is_named_and_whether_files_differ_from_it(tmp_path: Path) -> None:
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "--message", "First")
    name = git(tmp_path, "rev-parse", "HEAD")[:10]
    assert commit(tmp_path) == (name, False)
    (tmp_path / "new").touch()
    assert commit(tmp_path) == (name, True)


def test_without_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) == ("", False)
