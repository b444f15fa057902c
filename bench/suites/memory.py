"""Resident memory: at the start, after many requests, and after an hour's worth of check cycles at speed."""

import json
import time

from bench.answers import get
from bench.bench import Bench, CannotMeasure
from bench.figures import Figure
from bench.goals import JSON_RESPONSE
from bench.processes import Server
from bench.rounds import in_turn
from bench.servers import PETSAGE, Side, features, peer, petsage
from bench.wrk import drive

CHECKS, CYCLES = 50, 360
"""An hour of checks with the default interval, which is ten seconds; here each runs every ten milliseconds."""

_CYCLES_WITHIN = 120.0
_MEGABYTE = 1_000_000


def run(bench: Bench) -> list[Figure]:
    """Measure servers under load, and one without requests that runs checks."""
    return [*_requests(bench), _cycles(bench)]


def _requests(bench: Bench) -> list[Figure]:
    many = bench.either(100_000, quick=5_000)
    sides = {side.name: side for side in (petsage(bench), peer(bench, JSON_RESPONSE), peer(bench, "FastAPI"))}
    found = in_turn([*sides], _rounds(bench), lambda name: _asked(sides[name], many))
    start = {side: [before for before, _ in rounds] for side, rounds in found.items()}
    after = {side: [then for _, then in rounds] for side, rounds in found.items()}
    return [
        Figure("memory", "start", "RSS at the start", "MB", "less", start),
        Figure("memory", "requests", f"RSS after {many:,} requests", "MB", "less", after),
    ]


def _asked(side: Side, many: int) -> tuple[float, float]:
    """Return a server's memory at its first answer, and after so many more answers."""
    with side.start() as server:
        before, requests = _memory(server), 0
        while requests < many:
            requests += drive(f"{server.url}/smoke-test", seconds=1).requests
        return before, _memory(server)


def _cycles(bench: Bench) -> Figure:
    cycles = bench.either(CYCLES, quick=36)
    at_speed = {f"trivial.{number}": {"interval": "10ms"} for number in range(CHECKS)}
    config = json.dumps({"features": {"trivial": {"checks": CHECKS}}, "checks": at_speed})
    side = petsage(bench, config=config, features=features("trivial"))
    found = in_turn([PETSAGE], _rounds(bench), lambda _: _checked(side, CHECKS * cycles))[PETSAGE]
    sides = {
        f"{CHECKS} checks, at the start": [before for before, _ in found],
        f"after {cycles} runs of each": [then for _, then in found],
    }
    return Figure("memory", "cycles", "RSS of PetSage that runs checks", "MB", "less", sides)


def _checked(side: Side, runs: int) -> tuple[float, float]:
    """Return a server's memory at its first answer, and after so many runs of checks."""
    with side.start() as server:
        before, end = _memory(server), time.monotonic() + _CYCLES_WITHIN
        while (done := get(server.port, "/executions")[1]) < runs:
            if time.monotonic() > end:
                raise CannotMeasure(f"{side.name} ran {done} checks in {_CYCLES_WITHIN:g} s and not {runs}")
            time.sleep(0.1)
        return before, _memory(server)


def _memory(server: Server) -> float:
    return server.rss() / _MEGABYTE


def _rounds(bench: Bench) -> int:
    """Return the number of rounds: few, since memory varies little and takes long to measure."""
    return bench.either(3, quick=1)
