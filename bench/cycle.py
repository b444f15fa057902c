"""A process that runs trivial checks and prints what each run of one costs, in microseconds of CPU time.

    python -P cycle.py monitor|bare CHECKS RATE SECONDS

With `monitor` they are run by PetSage's monitor, with `bare` on the same schedule by one loop a check, which has
`asyncio.timeout` and nothing else: no result, no age, and no probe. RATE is how many are run a second, all in all, so
that the interval grows with their number. The first runs, and an interval after them, are not counted.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

TIMEOUT = 2.0
_JITTER = 0.1
"""Part of the interval by which the monitor may start a run early, as in petsage.checks.scheduler."""

_FIRST = 0.8
"""Seconds within which the monitor starts the first runs, as in petsage.checks.monitor."""

Check = Callable[[], Awaitable[None]]


@asynccontextmanager
async def monitor(check: Check, count: int, interval: float) -> AsyncIterator[None]:
    """Run the check under so many names in PetSage's monitor."""
    from petsage.checks import CheckSpec, Monitor  # noqa: PLC0415 (the bare side knows nothing of it)

    specs = [CheckSpec(f"trivial.{number}", check, interval=interval, timeout=TIMEOUT) for number in range(count)]
    async with Monitor(specs, seed=0):
        yield


@asynccontextmanager
async def bare(check: Check, count: int, interval: float) -> AsyncIterator[None]:
    """Run the check in so many loops."""
    random = Random(0)  # noqa: S311 (jitter is no secret)

    async def loop() -> None:
        await asyncio.sleep(interval * random.random())
        while True:
            async with asyncio.timeout(TIMEOUT):
                await check()
            await asyncio.sleep(interval * (1 - _JITTER * random.random()))

    loops = [asyncio.create_task(loop()) for _ in range(count)]
    yield
    for one in loops:
        one.cancel()


SIDES = {"monitor": monitor, "bare": bare}


async def measure(side: str, count: int, rate: float, seconds: float) -> float:
    """Return the CPU time of a run in microseconds."""
    executed: Counter[str] = Counter()
    interval = count / rate

    async def check() -> None:
        executed["run"] += 1

    async with SIDES[side](check, count, interval):
        await asyncio.sleep(_FIRST + interval)
        runs, used = executed.total(), time.process_time()
        await asyncio.sleep(max(seconds, interval))
        return (time.process_time() - used) / (executed.total() - runs) * 1e6


def main(side: str, count: str, rate: str, seconds: str) -> None:
    """Print the result."""
    from uvloop import new_event_loop  # noqa: PLC0415 (imported where it is used, as PetSage does)

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        print(runner.run(measure(side, int(count), float(rate), float(seconds))))


if __name__ == "__main__":
    main(*sys.argv[1:])
