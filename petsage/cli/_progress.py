"""How things stand while they are awaited: a live display at a terminal, a line a change everywhere else."""

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from petsage.cli._console import one_line, say

if TYPE_CHECKING:
    from rich.text import Text


class Row(Protocol):
    """A thing with a name; `since`, on the monotonic clock, is when it began to stand as it does.

    Its status has `ready`, and as a string says the whole.
    """

    @property
    def name(self) -> str: ...
    @property
    def since(self) -> float: ...
    @property
    def status(self) -> Any: ...


class Lines(AbstractContextManager["Lines"]):
    """One line a change, with the seconds since the beginning: for the logs of a pipeline."""

    def __init__(self) -> None:
        self._began = monotonic()

    def begin(self, rows: Sequence[Row]) -> None:
        """Say what is awaited."""
        for row in rows:
            say(f"waiting for {one_line(row.name)}", sys.stderr)

    def changed(self, row: Row) -> None:
        """Say how it stands now."""
        say(f"{monotonic() - self._began:7.1f} s  {one_line(f'{row.name}  {row.status}')}", sys.stderr)

    def __exit__(self, *_: object) -> None:
        """Leave the lines where they are."""


class Display(AbstractContextManager["Display"]):
    """One line each, always as it stands, gone when it is left; cut to the width of the terminal."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 (the extra `cli`, and only at a terminal)
        from rich.live import Live  # noqa: PLC0415 (the same)

        self._rows: Sequence[Row] = ()
        console = Console(stderr=True, highlight=False)
        self._live = Live(console=console, get_renderable=self._shown, refresh_per_second=4, transient=True)

    def begin(self, rows: Sequence[Row]) -> None:
        """Show these."""
        self._rows = rows

    def changed(self, row: Row) -> None:  # noqa: ARG002 (all are shown anew)
        """Show it at once."""
        self._live.refresh()

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Clear what was shown."""
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


def progress() -> Lines | Display:
    """Return what suits standard error: a display where it is a terminal and the extra `cli` is installed."""
    if at_a_terminal():
        try:
            return Display()
        except ImportError:
            return Lines()
    return Lines()


def at_a_terminal() -> bool:
    """Say whether somebody looks at standard error who sees a line change."""
    try:
        return cast(bool, sys.stderr.isatty()) and os.environ.get("TERM", "") not in ("", "dumb")
    except (AttributeError, ValueError):  # closed before we began
        return False
