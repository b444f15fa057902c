"""Cost of a request, of memory and of a check's run with a growing number of checks."""

import subprocess
from typing import NamedTuple

from bench import cycle
from bench.bench import Bench, CannotMeasure
from bench.cost import cost, warm_up
from bench.figures import Figure
from bench.processes import pinned
from bench.rounds import in_turn
from bench.servers import petsage_with_checks

_READY = "/readyz"
_WARM_UP = 0.2
_RARELY = 3600
"""Interval of the checks in servers under load, in seconds: the cost of the runs is measured separately."""

_RATE = 5000
"""Checks run a second in all, whatever their number, so 10,000 have an interval of 2 s; the fewer these are, the more
is spent on waking up, which costs the monitor and the bare loop the same."""


class Grown(NamedTuple):
    """Microseconds of CPU time per request, and the megabytes held after the load."""

    cpu: float
    rss: float


def run(bench: Bench) -> list[Figure]:
    """Measure servers with a growing number of checks, then the checks alone."""
    return [*_servers(bench), *_cycles(bench)]


def _servers(bench: Bench) -> list[Figure]:
    counts = bench.either((1, 10, 100, 1000, 10_000), quick=(1, 100, 10_000))
    sides = {str(count): petsage_with_checks(bench, count, interval=_RARELY) for count in counts}

    def measure(name: str) -> Grown:
        with sides[name].start(_READY) as server:
            warm_up(server, _READY, seconds=_WARM_UP)
            cpu = cost(server, _READY, seconds=bench.seconds).cpu
            return Grown(cpu, server.rss() / 1e6)

    grown = in_turn([*sides], bench.rounds, measure)
    cpu = {name: [one.cpu for one in rounds] for name, rounds in grown.items()}
    rss = {name: [one.rss for one in rounds] for name, rounds in grown.items()}
    return [
        Figure("growth", "cpu", "CPU per request, /readyz, by number of checks", "µs", "less", cpu),
        Figure("growth", "rss", "Memory (RSS), by number of checks", "MB", "less", rss),
    ]


def _cycles(bench: Bench) -> list[Figure]:
    counts = bench.either((10, 100, 1000, 10_000), quick=(100, 10_000))
    kinds = {
        "cycle": ("monitor", "CPU per check and cycle, by number of checks"),
        "bare": ("bare", "The same of a bare asyncio loop with asyncio.timeout"),
    }
    asked = {f"{name}/{count}": (side, count) for name, (side, _) in kinds.items() for count in counts}
    found = in_turn([*asked], bench.rounds, lambda name: _cycle(bench, *asked[name]))
    costs = {name: {str(count): found[f"{name}/{count}"] for count in counts} for name in kinds}
    overhead = {
        count: [ours / bare for ours, bare in zip(costs["cycle"][count], costs["bare"][count], strict=True)]
        for count in map(str, counts)
    }
    return [
        *(Figure("growth", name, title, "µs", "less", costs[name]) for name, (_, title) in kinds.items()),
        Figure("growth", "overhead", "The one to the other, by number of checks", "times", "less", overhead),
    ]


def _cycle(bench: Bench, side: str, count: int) -> float:
    command = [str(bench.petsage), "-P", cycle.__file__, side, str(count), str(_RATE), str(bench.seconds)]
    with pinned(bench.cores.server):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CannotMeasure(f"the cycle of {count} checks ({side}) failed:\n{done.stderr}")
    return float(done.stdout)
