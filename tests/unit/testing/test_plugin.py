"""The pytest plugin, in a project with PetSage installed."""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.command_line import Asked, passing, peer
from tests.support.peers import closed_port
from tests.support.timeouts import retry_with_longer_timeouts

pytest_plugins = ["pytester"]

QUIET = ("-p", "no:randomly", "-p", "no:aiohttp", "-p", "no:asyncio", "-p", "no:xdist", "-p", "no:cacheprovider")
TESTS = """
def test_one(petsage_ready): assert all(url.startswith("http://127.0.0.1:") for url in petsage_ready)
def test_two(petsage_ready): pass
def test_three(): pass
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    for name in ("CI", "BUILD_NUMBER"):  # there pytest's short summary repeats all of a reason
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(test_stack=TESTS)
    return pytester


def run(project: pytest.Pytester, *arguments: str) -> tuple[int, str]:
    result = project.runpytest_inprocess(*QUIET, *arguments)
    return int(result.ret), re.sub(r"ref [0-9a-f]{8}", "ref REF", result.stdout.str() + result.stderr.str())


def test_the_tests_begin_when_the_stack_is_ready(project: pytest.Pytester) -> None:
    with peer(passing) as web, peer(lambda asked: (200 if asked.number > 3 else 503, {})) as late:
        project.makepyprojecttoml(f'[tool.pytest]\npetsage_url = ["{web.url}", "{late.url}/healthz"]\n')
        status, out = run(project)
    assert status == 0
    assert "3 passed" in out


def test_a_stack_that_never_gets_ready_ends_the_run_with_the_reason(project: pytest.Pytester) -> None:
    gone = f"http://127.0.0.1:{closed_port()}"
    status, out = retry_with_longer_timeouts(
        lambda timeout: run(project, "--petsage-url", gone, "--petsage-timeout", timeout),
        lambda said: "no answer so far" not in said[1],
    )
    assert status == 1
    assert re.search(r"petsage_ready: not ready after \d+m?s:", out)
    assert f"{gone}/readyz: refused: connection refused by {gone.removeprefix('http://')}" in out
    assert "look at: whether it runs" in out
    assert out.count("look at: whether it runs") == 1
    assert "1 error" in out


def test_a_junit_report_has_one_errored_case_with_the_reason(project: pytest.Pytester) -> None:
    gone = f"http://127.0.0.1:{closed_port()}"

    def report(timeout: str) -> ET.Element:
        run(project, "--petsage-url", gone, "--petsage-timeout", timeout, "--junitxml", "report.xml")
        return ET.parse(project.path / "report.xml").getroot()[0]

    suite = retry_with_longer_timeouts(report, lambda suite: "no answer so far" not in ET.tostring(suite, "unicode"))
    assert {key: suite.get(key) for key in ("tests", "errors", "failures", "skipped")} == {
        "tests": "1",
        "errors": "1",
        "failures": "0",
        "skipped": "0",
    }
    (case,) = suite
    (error,) = case
    assert (case.get("name"), error.tag) == ("test_one", "error")
    lines = str(error.text).splitlines()
    assert re.fullmatch(r"petsage_ready: not ready after \d+m?s:", lines[0])
    assert lines[1] == f"  {gone}/readyz: refused: connection refused by {gone.removeprefix('http://')}"


def test_the_first_test_that_asks_has_the_reason_and_those_before_it_their_results(project: pytest.Pytester) -> None:
    project.makepyfile(test_stack="def test_a(): pass\ndef test_b(petsage_ready): pass\ndef test_c(): pass\n")
    status, out = run(project, "--junitxml", "report.xml")
    suite = ET.parse(project.path / "report.xml").getroot()[0]
    assert [(case.get("name"), [part.tag for part in case]) for case in suite] == [
        ("test_a", []),
        ("test_b", ["error"]),
    ]
    assert (status, "1 passed, 1 error" in out) == (1, True)


def test_a_stack_that_sends_anything_is_awaited_like_any_other(project: pytest.Pytester) -> None:
    bodies = [b'{"status": "fail", "failing": 7}', b'{"status": "fail", "x": ' + b"[" * 500_000, b"\xff" * 9, b"[1]"]

    def strange(asked: Asked) -> tuple[int, object]:
        return (503, bodies[asked.number]) if asked.number < len(bodies) else (200, {"status": "pass"})

    with peer(strange) as web, peer(passing) as other:
        status, out = run(project, "--petsage-url", web.url, "--petsage-url", other.url)
    assert (status, "3 passed" in out) == (0, True), out


def test_the_checks_of_a_configuration_are_awaited(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\npetsage_config = stack/config.yml\npetsage_timeout = 300ms\n")
    folder = project.mkdir("stack")
    (folder / "config.yml").write_text("checks: {beat: {kind: file, path: beat}}\n")
    status, out = run(project)
    assert status == 1
    assert "petsage_ready: not ready after 300ms:" in out
    _, out = retry_with_longer_timeouts(
        lambda timeout: run(project, "--petsage-timeout", timeout), lambda said: "beat: fail: " in said[1]
    )
    assert "beat: fail: " in out
    (folder / "beat").touch()
    assert run(project, "--petsage-timeout", "60s")[0] == 0


@pytest.mark.slow
def test_under_xdist_the_run_ends_as_well(project: pytest.Pytester) -> None:
    gone = f"http://127.0.0.1:{closed_port()}"
    others = ["aiohttp", "asyncio", "schemathesis", "hypothesispytest", "anyio", "randomly", "cacheprovider"]
    without = [word for name in others for word in ("-p", f"no:{name}")]
    result = project.runpytest_subprocess(*without, "-n1", "--petsage-url", gone, "--petsage-timeout", "300ms")
    out = result.stdout.str()
    assert result.ret != 0
    assert "petsage_ready: not ready after 300ms:" in out
    assert "INTERNALERROR" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there is nothing to wait for: set petsage_url or petsage_config"),
        (["--petsage-url", "ftp://x"], "petsage_url: a URL is http://HOST"),
        (["--petsage-url", "http://x", "--petsage-timeout", "soon"], "petsage_timeout: not a duration"),
        (["--petsage-config", "missing.yml"], "missing.yml"),
    ],
)
def test_what_is_misspelt_ends_the_run_with_the_reason(
    project: pytest.Pytester, arguments: list[str], message: str
) -> None:
    status, out = run(project, *arguments)
    assert status == 1
    assert message in out


def test_each_check_is_a_test_with_its_reason_as_the_failure(project: pytest.Pytester) -> None:
    port = closed_port()
    project.makefile(
        ".yml",
        config=f"checks: {{cache: {{kind: tcp, host: 127.0.0.1, port: {port}}}, self: {{kind: disk, path: /}}}}\n",
    )
    status, out = run(project, "--petsage-smoke", "config.yml", "-v", "--deselect", "test_stack.py")
    assert status == 1
    lines = [re.sub(r" +\[ *\d+%\]", "", line) for line in out.splitlines()]
    assert [line for line in lines if line.startswith("config.yml::")] == [
        "config.yml::features PASSED",
        "config.yml::cache FAILED",
        "config.yml::self PASSED",
    ]
    assert f"cache: fail: connection refused by 127.0.0.1:{port} (ref REF)" in lines
    status, out = run(project, "--petsage-smoke", "config.yml", "-k", "self")
    assert status == 0
    assert "1 passed" in out


def test_a_warning_passes_and_says_why(project: pytest.Pytester) -> None:
    check = f"{{kind: tcp, host: 127.0.0.1, port: {closed_port()}, severity: degraded}}"
    project.makefile(".yml", config=f"checks: {{cache: {check}}}\n")
    status, out = run(project, "--petsage-smoke", "config.yml", "-k", "cache", "-rP")
    assert status == 0
    assert "warn: connection refused by 127.0.0.1:" in out


def test_checks_of_features_are_tests_too_and_their_pools_are_open(project: pytest.Pytester) -> None:
    project.makefile(".yml", config="{}\n")
    (project.mkdir("features") / "orders.py").write_text(
        "from contextlib import asynccontextmanager\n"
        "from petsage.feature import CheckSpec, Contribution\n"
        "opened = []\n"
        "@asynccontextmanager\n"
        "async def pool():\n    opened.append(1)\n    yield\n"
        "async def db(): assert opened\n"
        "def setup(core): return Contribution(checks=[CheckSpec('db', db)], lifespans=[pool()])\n"
    )
    status, out = run(project, "--petsage-smoke", "config.yml", "-v", "--deselect", "test_stack.py")
    assert status == 0
    assert "config.yml::orders.db PASSED" in out


ORDERS = """
from contextlib import asynccontextmanager
from petsage.feature import CheckSpec, Contribution

@asynccontextmanager
async def pool():
    raise OSError("no database")
    yield

async def db(): pass
def setup(core): return Contribution(checks=[CheckSpec("db", db)], lifespans=[pool()])
"""


def test_a_check_whose_feature_is_down_fails_with_the_reason(project: pytest.Pytester) -> None:
    project.makefile(".yml", config="checks: {orders.bd: {interval: 1s}}\n")
    (project.mkdir("features") / "orders.py").write_text(ORDERS)
    status, out = run(project, "--petsage-smoke", "config.yml", "-v", "--deselect", "test_stack.py")
    assert status == 1
    assert "orders.db: fail: its feature is down: orders: start: OSError (ref REF)" in out
    assert "StopIteration" not in out
    status, out = run(project, "--petsage-smoke", "config.yml", "-k", "orders.db")
    assert status == 1
    assert "orders.db: fail: its feature is down: orders: start: OSError (ref REF)" in out


def test_the_tuning_of_a_check_that_its_feature_does_not_bring_is_a_test_that_fails(project: pytest.Pytester) -> None:
    project.makefile(".yml", config="checks: {orders.bd: {interval: 1s}}\n")
    source = ORDERS.replace('raise OSError("no database")', "pass")
    (project.mkdir("features") / "orders.py").write_text(source)
    status, out = run(project, "--petsage-smoke", "config.yml", "-v", "--deselect", "test_stack.py")
    assert status == 1
    lines = [re.sub(r" +\[ *\d+%\]", "", line) for line in out.splitlines()]
    assert [line for line in lines if line.startswith("config.yml::")] == [
        "config.yml::features PASSED",
        "config.yml::orders.db PASSED",
        "config.yml::orders.bd FAILED",
    ]
    told = "checks.orders.bd overrides a check that orders does not have (did you mean 'orders.db'?)"
    assert f"orders.bd: fail: {told}" in lines


def test_a_check_that_is_there_only_when_the_tests_are_collected_fails(project: pytest.Pytester) -> None:
    project.makefile(".yml", config="{}\n")
    (project.mkdir("features") / "orders.py").write_text(
        "from petsage.feature import CheckSpec, Contribution\n"
        "async def db(): pass\n"
        "once = [CheckSpec('once', db)]\n"
        "def setup(core):\n"
        "    checks = [CheckSpec('db', db), *once]\n"
        "    once.clear()\n"
        "    return Contribution(checks=checks)\n"
    )
    status, out = run(project, "--petsage-smoke", "config.yml", "-v", "--deselect", "test_stack.py")
    assert status == 1
    assert "orders.once: fail: no check has this name" in out
    assert "config.yml::orders.db PASSED" in out


def test_a_configuration_with_mistakes_is_a_usage_error(project: pytest.Pytester) -> None:
    project.makefile(".yml", config="checks: {a: {kind: tpc}}\n")
    status, out = run(project, "--petsage-smoke", "config.yml")
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "config.yml:1:14: checks.a.kind: unknown kind (did you mean 'tcp'?)" in out


def test_unused_it_imports_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys
        def test_nothing_is_loaded():
            ours = {name for name in sys.modules if name.partition(".")[0] == "petsage"}
            assert ours == {"petsage", "petsage.testing", "petsage.testing.plugin"}
            assert not {"aiohttp", "marshmallow", "yaml"} & set(sys.modules)
        """
    )
    others = (
        "aiohttp",
        "asyncio",
        "schemathesis",
        "hypothesispytest",
        "anyio",
        "randomly",
        "xdist",
        "xdist.looponfail",
    )
    without = [word for name in others for word in ("-p", f"no:{name}")]
    result = pytester.runpytest_subprocess(*without, "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


EXAMPLES = Path(__file__).parents[3] / "petsage" / "testing" / "README.md"


def example(name: str) -> str:
    """Return a block of Python of the README, by the comment in its first line."""
    blocks = re.findall(r"```python\n(.*?)```", EXAMPLES.read_text(), flags=re.DOTALL)
    return str(next(block for block in blocks if name in block.partition("\n")[0]))


def test_the_example_next_to_pytest_docker_works(project: pytest.Pytester) -> None:
    with peer(passing) as web:
        port = web.url.rpartition(":")[2]
        project.makepyfile(
            fake_docker=f"""
            import pytest
            class Services:
                def port_for(self, service, port):
                    assert (service, port) == ("petsage", 8080)
                    return {port}
            @pytest.fixture(scope="session")
            def docker_ip(): return "127.0.0.1"
            @pytest.fixture(scope="session")
            def docker_services(): return Services()
            """
        )
        project.makeconftest(example("pytest-docker"))
        project.syspathinsert()
        status, out = run(project, "-p", "fake_docker", "-k", "not three")
        assert (status, web.asked[0].path) == (0, "/readyz")
    assert "2 passed" in out


def test_the_example_next_to_testcontainers_works(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(passing) as web:
        package = project.mkpydir("testcontainers")
        core = package / "core"
        core.mkdir()
        (core / "__init__.py").touch()
        (core / "container.py").write_text(
            "class DockerContainer:\n"
            "    def __init__(self, image): self.image = image\n"
            "    def with_exposed_ports(self, *ports): return self\n"
            "    def with_volume_mapping(self, *_, **__): return self\n"
            "    def __enter__(self): return self\n"
            "    def __exit__(self, *_): pass\n"
            "    def get_container_host_ip(self): return '127.0.0.1'\n"
            f"    def get_exposed_port(self, port): return {web.url.rpartition(':')[2]}\n"
        )
        for loaded in [name for name in sys.modules if name.partition(".")[0] == "testcontainers"]:
            monkeypatch.delitem(sys.modules, loaded)
        project.syspathinsert()
        project.makeconftest(example("testcontainers"))
        status, out = run(project)
        assert status == 0, out
    assert "3 passed" in out
