"""Progress of a command that waits: a live display at a terminal, otherwise one line per change."""

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from petsage.checks import Change, Monitor, Status
from petsage.cli._console import one_line, say
from petsage.wait import TargetStatus

if TYPE_CHECKING:
    from rich.text import Text


class Row(Protocol):
    """A target that a command waits for.

    `since` is when its status changed, on the monotonic clock. The status has an attribute `ready`, and its string has
    the details.
    """

    @property
    def name(self) -> str: ...
    @property
    def since(self) -> float: ...
    @property
    def status(self) -> Any: ...


class ProgressLines(AbstractContextManager["ProgressLines"]):
    """Writes a line for each change, with the seconds since the beginning: for the logs of a pipeline."""

    def __init__(self) -> None:
        self._began = monotonic()

    def begin(self, rows: Sequence[Row]) -> None:
        """Write what the command waits for."""
        for row in rows:
            say(f"waiting for {one_line(row.name)}", sys.stderr)

    def changed(self, row: Row) -> None:
        """Write the new status of a row."""
        say(f"{monotonic() - self._began:7.1f} s  {one_line(f'{row.name}  {row.status}')}", sys.stderr)

    def __exit__(self, *_: object) -> None:
        """Leave the lines as they are."""


class LiveDisplay(AbstractContextManager["LiveDisplay"]):
    """Shows the current status of each row, cut to the width of the terminal; cleared at the end."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 (the extra `cli`, and only at a terminal)
        from rich.live import Live  # noqa: PLC0415 (the same)

        self._rows: Sequence[Row] = ()
        console = Console(stderr=True, highlight=False)
        self._live = Live(console=console, get_renderable=self._shown, refresh_per_second=4, transient=True)

    def begin(self, rows: Sequence[Row]) -> None:
        """Show these rows."""
        self._rows = rows

    def changed(self, row: Row) -> None:  # noqa: ARG002 (all rows are drawn again)
        """Show the new status at once."""
        self._live.refresh()

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Clear the display."""
        self._live.stop()

    def _shown(self) -> "Text":
        from rich.text import Text  # noqa: PLC0415 (the extra `cli`)

        text = Text(no_wrap=True, overflow="ellipsis")
        for row in self._rows:
            mark, style = ("ok", "green") if row.status.ready else ("..", "yellow")
            text.append(f"{mark} ", style).append(one_line(f"{row.name} {row.status}"))
            text.append(f" ({monotonic() - row.since:.0f} s)\n", "dim")
        text.rstrip()
        return text


def progress() -> ProgressLines | LiveDisplay:
    """Return a display if standard error is a terminal and the extra `cli` is installed, otherwise lines."""
    if at_a_terminal():
        try:
            return LiveDisplay()
        except ImportError:
            return ProgressLines()
    return ProgressLines()


def at_a_terminal() -> bool:
    """Return whether standard error is a terminal on which a line can be changed."""
    try:
        return cast(bool, sys.stderr.isatty()) and os.environ.get("TERM", "") not in ("", "dumb")
    except (AttributeError, ValueError):  # closed before the command began
        return False


class CheckRow:
    """A check as a row of the display."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.since = monotonic()
        self.status = TargetStatus(ready=False, state="running")

    def change(self, change: Change) -> None:
        """Take over the new status of the check."""
        self.since = monotonic()
        self.status = TargetStatus(change.now in (Status.PASS, Status.WARN), change.now.value, change.reason or "")


class CheckDisplay(AbstractContextManager["CheckDisplay"]):
    """Shows the checks of a monitor in a display."""

    def __init__(self, display: LiveDisplay) -> None:
        self._display = display

    def __enter__(self) -> Self:
        self._display.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Clear the display."""
        self._display.__exit__(*error)

    def follow(self, monitor: Monitor, names: Iterable[str]) -> None:
        """Show the checks of these names, and each change of their status."""
        rows = {name: CheckRow(name) for name in names}

        def changed(change: Change) -> None:
            if (row := rows.get(change.name)) is not None:  # a check that was added later has none
                row.change(change)
                self._display.changed(row)

        self._display.begin([*rows.values()])
        monitor.subscribe(changed)


def check_display() -> AbstractContextManager[CheckDisplay | None]:
    """Return a display at a terminal, otherwise None: the report is enough."""
    display = progress() if at_a_terminal() else None
    return CheckDisplay(display) if isinstance(display, LiveDisplay) else nullcontext()
