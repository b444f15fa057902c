"""The measurement: each trouble of a group in turn, and the results of its checks."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, cast

from petsage.bootstrap import load
from petsage.checks import CheckFailed, CheckSpec, CheckWarning
from tests.integration.truth.codes import found
from tests.integration.truth.group import Group
from tests.integration.truth.table import (
    CONDITIONS,
    DOWN_WITHIN,
    INTERVAL,
    KNOWN_GAPS,
    PASS,
    RIGHT,
    TIMEOUT,
    UP_WITHIN,
    Gap,
    is_right,
)
from tests.support.state_changes import SLACK, StateChanges, watch_checks

_SETTLED = DOWN_WITHIN + TIMEOUT
"""Seconds for which a check must hold to be believed that it does not fail."""

_LASTING = INTERVAL + TIMEOUT
"""Seconds for which a check must keep failing in the right way."""

_OFTEN_ENOUGH = 0.02
NOT_UP = "not up again"


class Cell(NamedTuple):
    """What a check made of a condition; `down` and `up` are the seconds over its bounds."""

    row: str
    condition: str
    right: str
    found: str
    reason: str | None
    down: float
    up: float


async def measure(group: Group, only: Iterable[str]) -> list[Cell]:
    """Return the cells of all rows of a group."""
    cells: list[Cell] = []
    beside = await asyncio.to_thread(_specs, group)
    async with watch_checks(group.entries) as changes:
        for condition in CONDITIONS:
            rows = {row: RIGHT[row][condition] for row in group.entries if condition in RIGHT[row]}
            if rows and condition in only:
                await _all_pass(changes, group.entries, time.monotonic(), 60)
                cells += await _Measurement(group, changes, condition, rows, beside).cells()
    return cells


class _Measurement:
    """One condition of one group; `rows` has what is right."""

    def __init__(
        self, group: Group, changes: StateChanges, condition: str, rows: Mapping[str, str], beside: list[CheckSpec]
    ) -> None:
        self._group = group
        self._turns = changes
        self._condition = condition
        self._rows = rows
        self._beside = beside

    async def cells(self) -> list[Cell]:
        async with self._group.troubles[self._condition]():
            if self._condition == "restarted" and self._group.restarting:
                await self._lets_in()
            began = time.monotonic()
            seen = dict(
                zip(self._rows, await asyncio.gather(*(self._seen(row, began) for row in self._rows)), strict=True)
            )
        if self._condition in self._group.restarting:
            await self._lets_in()
        ended = time.monotonic()
        ups = await _all_pass(self._turns, self._group.entries, ended, UP_WITHIN + SLACK)
        return [self._cell(row, *seen[row], ups[row]) for row in self._rows]

    async def _seen(self, row: str, began: float) -> tuple[str, str | None, float]:
        """Return what the check says, when it says what is right or its time is up, and the seconds over its bound."""
        right = self._rows[row]
        bound, lasting = (UP_WITHIN, _SETTLED) if right == PASS else (DOWN_WITHIN, _LASTING)
        patience = TIMEOUT if Gap(row, self._condition) in KNOWN_GAPS else SLACK
        deadline = began + max(bound, _SETTLED) + patience
        since = None
        while True:
            now, state = time.monotonic(), _state(self._turns, row)
            if is_right(right, found(state)):
                since = now if since is None else since
                if now >= since + lasting:
                    return found(state), state.reason, max(0.0, since - began - bound)
            elif now >= deadline:
                return found(state), state.reason, now - began - bound
            else:
                since = None
            await asyncio.sleep(_OFTEN_ENOUGH)

    async def _lets_in(self) -> None:
        """Return when a server that was started answers all its checks."""
        for spec in self._beside:
            await _holds(spec)

    def _cell(self, row: str, said: str, reason: str | None, down: float, up: float | None) -> Cell:
        right = self._rows[row]
        over = (0.0, down) if right == PASS else (down, up or 0.0)
        return Cell(row, self._condition, right, said if up is not None else f"{said}, {NOT_UP}", reason, *over)


def _specs(group: Group) -> list[CheckSpec]:
    """Return the checks of a group once more, to be run beside the monitor."""
    return [*load({"checks": dict(group.entries)}).core.declared_checks()]


async def _holds(spec: CheckSpec) -> None:
    async with asyncio.timeout(60):
        while True:
            with suppress(CheckFailed, CheckWarning, TimeoutError):
                async with asyncio.timeout(5):
                    await cast(Any, spec.check).run()
                    return
            await asyncio.sleep(0.01)


async def _all_pass(changes: StateChanges, rows: Iterable[str], since: float, within: float) -> dict[str, float | None]:
    """Return by how many seconds each passed later than it should; None if it does not pass at all."""
    ups: dict[str, float | None] = dict.fromkeys(rows)
    while (missing := [row for row, up in ups.items() if up is None]) and time.monotonic() < since + within:
        for row in missing:
            if found(_state(changes, row)) == PASS:
                ups[row] = max(0.0, time.monotonic() - since - UP_WITHIN)
        await asyncio.sleep(_OFTEN_ENOUGH)
    return ups


def _state(changes: StateChanges, row: str) -> Any:
    return changes.monitor.snapshot().checks[row]
