"""`petsage feature check`: what the server would find, and what it would not."""

import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.builder import petsage, put


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put(tmp_path / "features", requirements=["redis"])
    return tmp_path


def broken(home: Path, file: str, old: str, new: str) -> None:
    path = home / "features" / "grooming" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def lines(home: Path, name: str = "grooming") -> tuple[int, list[str]]:
    done = petsage("feature", "check", name, cwd=home)
    return done.status, done.out.splitlines()[1:]


SET_UP = "  ok      it is set up, and mounted beside the others"
STARTS = "  ok      it starts, and stops"
DOCUMENT = "  ok      its API document: operations: 1, valid by openapi-spec-validator"


def test_a_feature_that_works_has_a_line_a_step(home: Path) -> None:
    done = petsage("feature", "check", "grooming", cwd=home)
    first, *steps, tests = done.out.splitlines()
    assert (done.status, done.err) == (0, "")
    assert first == f"grooming ({home}/features/grooming/__init__.py)"
    assert steps == ["  ok      it is imported", SET_UP, STARTS, DOCUMENT]
    assert tests.startswith("  ok      its tests: 4 passed in ")


def test_a_failing_import_is_reported_with_its_place_and_ends_the_check(home: Path) -> None:
    broken(home, "service.py", "FEATURE =", "import nothing_of_that_name\nFEATURE =")
    place = f"{home}/features/grooming/service.py:7"
    expected = f"  failed  import: ModuleNotFoundError: No module named 'nothing_of_that_name' at {place}"
    assert lines(home) == (1, [expected])


def test_a_failing_setup_is_reported(home: Path) -> None:
    broken(home, "__init__.py", "    return contribute", '    raise SystemExit("no more")\n    return contribute')
    status, (_, finding) = lines(home)
    assert (status, finding) == (1, f"  failed  set-up: SystemExit: no more at {home}/features/grooming/__init__.py:16")


def test_a_failing_start_is_reported(home: Path) -> None:
    broken(home, "container.py", "        checks=[", "        lifespans=[Broken()],\n        checks=[")
    broken(
        home,
        "container.py",
        "class Grooming",
        dedent(
            """
            class Broken:
                async def __aenter__(self) -> None:
                    raise ConnectionError("no pool")

                async def __aexit__(self, *_: object) -> None: ...


            class Grooming"""
        ),
    )
    status, findings = lines(home)
    assert (status, findings[:2]) == (1, ["  ok      it is imported", SET_UP])
    assert findings[2].startswith("  failed  start: ConnectionError: no pool at ")
    assert len(findings) == 3


def test_an_override_of_a_check_that_does_not_exist_is_reported(home: Path) -> None:
    (home / "config.yml").write_text("checks: {grooming.redsi: {interval: 1s}}\n")
    hint = "(did you mean 'grooming.redis'?)"
    expected = f"  failed  configuration: checks.grooming.redsi overrides a check that grooming does not have {hint}"
    assert lines(home) == (1, ["  ok      it is imported", expected])
    (home / "config.yml").write_text("checks: {grooming.redis: {interval: 1s}}\n")
    status, steps = lines(home)
    assert (status, steps[1]) == (0, SET_UP)


def test_a_test_that_fails_is_shown_whole(home: Path) -> None:
    broken(home, "handlers.py", "return result if", "return Passed(message='x') if")
    done = petsage("feature", "check", "grooming", cwd=home)
    assert done.status == 1
    assert done.out.splitlines()[-1].startswith("  failed  its tests: ")
    assert "test_the_message_is_the_configured_one" in done.err


def test_a_feature_without_tests_of_its_own_passes(home: Path) -> None:
    shutil.rmtree(home / "features" / "grooming" / "tests")
    (home / "features" / "one.py").write_text(
        "from petsage.feature import Contribution\ndef setup(core): return Contribution()\n"
    )
    assert lines(home)[1][-1] == "  skipped its tests: there are none"
    assert lines(home, "one") == (
        0,
        [
            "  ok      it is imported",
            SET_UP,
            STARTS,
            "  ok      its API document: operations: 0, valid by openapi-spec-validator",
            "  skipped its tests: a feature of a single file has none",
        ],
    )


def test_a_missing_or_disabled_feature_is_reported(home: Path) -> None:
    (home / "config.yml").write_text("features: {grooming: {enabled: false}}\n")
    assert petsage("feature", "check", "groming", cwd=home) == (
        1,
        "",
        "there is no feature 'groming' (did you mean 'grooming'?): petsage feature list shows them\n",
    )
    assert petsage("feature", "check", "grooming", cwd=home) == (1, "", "grooming is disabled in the configuration\n")


def test_a_built_in_feature_can_be_checked(home: Path) -> None:
    done = petsage("feature", "check", "smoke_test", cwd=home)
    assert (done.status, done.out.splitlines()[0]) == (0, "smoke_test (built-in)")


def test_without_extras_it_says_what_it_could_not_do(home: Path) -> None:
    program = (
        "import sys; away = ['jinja2', 'pytest', 'pytest_aiohttp', 'openapi_spec_validator'];"
        "sys.modules.update(dict.fromkeys(away));"
        "import importlib.util as u; real = u.find_spec;"
        "u.find_spec = lambda name, *_: None if sys.modules.get(name, 1) is None else real(name, *_);"
        "from petsage.cli import main; print(main(sys.argv[1:]))"
    )

    def run(*arguments: str) -> list[str]:
        command = [sys.executable, "-c", program, "feature", *arguments]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=True)
        return (done.stdout + done.stderr).splitlines()

    by_structure = "valid in its structure; for a full validation: pip install openapi-spec-validator"
    assert run("check", "grooming")[-3:] == [
        f"  ok      its API document: operations: 1, {by_structure}",
        "  skipped its tests were not run: pip install pytest pytest-aiohttp",
        "0",
    ]
    assert run("new", "a1", "--description", "x") == ["1", "the builder needs Jinja2: pip install 'petsage[builder]'"]
