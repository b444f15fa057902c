"""Checks as tests: all that are selected are run once, together, when the first of them is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from petsage import PetSageError
from petsage.bootstrap import load_core
from petsage.settings import ConfigError
from petsage.smoke import Report, Result, Selection, SmokeRun, check_names
from petsage.testing.ready import run


class CheckItemError(PetSageError):
    """A check does not hold; the text is its reason."""


class Checks(pytest.File):
    """The checks of a configuration."""

    _report: Report | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each check; raise `UsageError` with every mistake of the configuration."""
        try:
            names = check_names(load_core(self.path))
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from None
        for name in names:
            yield CheckItem.from_parent(self, name=name)

    def result(self, name: str) -> Result:
        """Return what a check came to, in the one trial of this run."""
        if self._report is None:
            selected = [item.name for item in self.session.items if item.parent is self]
            trial = SmokeRun(lambda: load_core(self.path), Selection(only=selected), known_names=True)
            self._report = run(trial.run)
        return next(result for result in self._report.results if result.name == name)


class CheckItem(pytest.Item):
    """One check; a warning passes, with its reason among what the test has said."""

    def runtest(self) -> None:
        """Fail with the check's reason."""
        assert isinstance(self.parent, Checks)  # noqa: S101 (who made it)
        result = self.parent.result(self.name)
        told = f"{result.status}: {result.reason or 'no reason is known'}"
        if not result.holds(strict=False):
            raise CheckItemError(f"{told} (ref {result.ref})" if result.ref else told)
        if not result.holds(strict=True):
            self.add_report_section("call", "petsage", told)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the reason, without a traceback."""
        if isinstance(excinfo.value, CheckItemError):
            return f"{self.name}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return where the check stands, and what it is called."""
        return self.path, None, f"check {self.name}"


def collected(session: pytest.Session, file: Path) -> Iterator[pytest.Item]:
    """Return the checks of `file`."""
    parent: Checks = Checks.from_parent(session, path=file)
    yield from parent.collect()
