"""The pytest plugin: tests that begin when the stack is ready, and checks as tests.

Pytest loads it wherever PetSage is installed, so it imports nothing but pytest until it is used.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

DEFAULT_TIMEOUT = "60s"
_URL_HELP = "URL that must be ready before tests that use `petsage_ready`, as `petsage wait` takes it"
_CONFIG_HELP = "config.yml whose checks must pass before tests that use `petsage_ready`"
_TIMEOUT_HELP = f"how long `petsage_ready` waits, such as 90s or 2m (default: {DEFAULT_TIMEOUT})"
_SMOKE_HELP = "run the checks of this config.yml, and of its features, each as a test"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options and ini values."""
    group = parser.getgroup("petsage", "PetSage")
    group.addoption("--petsage-url", action="append", metavar="URL", help=f"{_URL_HELP}; may be repeated")
    group.addoption("--petsage-config", metavar="FILE", help=_CONFIG_HELP)
    group.addoption("--petsage-timeout", metavar="TIME", help=_TIMEOUT_HELP)
    group.addoption("--petsage-smoke", metavar="FILE", help=_SMOKE_HELP)
    parser.addini("petsage_url", f"{_URL_HELP}; a list", type="linelist", default=[])
    parser.addini("petsage_config", f"{_CONFIG_HELP}; relative to the ini-file", type="string", default="")
    parser.addini("petsage_timeout", _TIMEOUT_HELP, type="string", default=DEFAULT_TIMEOUT)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the checks to the collected items, before other plugins select and sort them."""
    file = session.config.getoption("petsage_smoke")
    if file is not None:
        from petsage.testing.smoke import collect_checks  # noqa: PLC0415 (only when it is used)

        items.extend(collect_checks(session, session.config.invocation_params.dir / file))


@pytest.fixture(scope="session")
def petsage_url(pytestconfig: pytest.Config) -> str | Sequence[str]:
    """Return the URLs to wait for, from the option or the ini-file; override it for URLs that are known only later."""
    return pytestconfig.getoption("petsage_url") or tuple(pytestconfig.getini("petsage_url"))


@pytest.fixture(scope="session")
def petsage_config(pytestconfig: pytest.Config) -> Path | None:
    """Return the config.yml whose checks to wait for, from the option or the ini-file; may be overridden."""
    if given := pytestconfig.getoption("petsage_config"):
        return pytestconfig.invocation_params.dir / Path(given)
    configured = pytestconfig.getini("petsage_config")
    return (pytestconfig.inipath or pytestconfig.rootpath / "any").parent / Path(configured) if configured else None


@pytest.fixture(scope="session")
def petsage_timeout(pytestconfig: pytest.Config) -> str:
    """Return how long to wait, such as `90s`; may be overridden."""
    return pytestconfig.getoption("petsage_timeout") or str(pytestconfig.getini("petsage_timeout"))


@pytest.fixture(scope="session")
def petsage_ready(
    request: pytest.FixtureRequest, petsage_url: Any, petsage_config: Path | None, petsage_timeout: str
) -> tuple[str, ...]:
    """Wait until all targets are ready at once, and return the URLs; end the run with the reason at the timeout."""
    from petsage.testing.ready import NotReadyError, wait_until_ready  # noqa: PLC0415 (only when it is used)

    urls = (petsage_url,) if isinstance(petsage_url, str) else tuple(petsage_url)
    reason = ""
    try:
        wait_until_ready(urls, petsage_config, petsage_timeout)
    except NotReadyError as error:
        reason = f"petsage_ready: {error}"
    if reason:  # not in the handler: pytest would show the reason twice
        _end_run(request, reason)
    return urls


def _end_run(request: pytest.FixtureRequest, reason: str) -> NoReturn:
    """Fail the first test that uses the fixture, so that every report has the reason, and start no other test."""
    request.session.shouldfail = reason.partition("\n")[0]
    pytest.fail(reason, pytrace=False)
