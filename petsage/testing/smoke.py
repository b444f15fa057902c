"""Checks as tests: the selected checks are run once, together, when the first test runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from petsage import PetSageError
from petsage.bootstrap import load
from petsage.settings import ConfigError
from petsage.smoke import Report, Result, Selection, SmokeRun, check_names
from petsage.testing.ready import run_in_thread


class CheckItemError(PetSageError):
    """A failed check; the text is its status and reason."""


class Checks(pytest.File):
    """Collector of the checks of a configuration."""

    _report: Report | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each check; raise `UsageError` with all mistakes of the configuration."""
        try:
            names = check_names(load(self.path))
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from None
        for name in names:
            yield CheckItem.from_parent(self, name=name)

    def result(self, name: str) -> Result:
        """Return the result of a check; the first call runs all selected checks."""
        if self._report is None:
            selected = [item.name for item in self.session.items if item.parent is self]
            smoke_run = SmokeRun(lambda: load(self.path), Selection(only=selected), known_names=True)
            self._report = run_in_thread(smoke_run.run)
        return next(result for result in self._report.results if result.name == name)


class CheckItem(pytest.Item):
    """A check as a test; a warning passes, with its reason in a section of the report."""

    def runtest(self) -> None:
        """Raise `CheckItemError` if the check failed."""
        assert isinstance(self.parent, Checks)  # noqa: S101 (for the type checker)
        result = self.parent.result(self.name)
        text = f"{result.status}: {result.reason or 'no reason is known'}"
        if not result.holds(strict=False):
            raise CheckItemError(f"{text} (ref {result.ref})" if result.ref else text)
        if not result.holds(strict=True):
            self.add_report_section("call", "petsage", text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the reason, without a traceback."""
        if isinstance(excinfo.value, CheckItemError):
            return f"{self.name}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return the configuration's path and the name of the test."""
        return self.path, None, f"check {self.name}"


def collect_checks(session: pytest.Session, file: Path) -> Iterator[pytest.Item]:
    """Yield the checks of the configuration `file`."""
    parent: Checks = Checks.from_parent(session, path=file)
    yield from parent.collect()
