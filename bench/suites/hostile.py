"""Latency of liveness beside hostile clients, with 128 file descriptors."""

from dataclasses import replace

from bench.attacks import ATTACKS, Probed, attacking, probe
from bench.bench import Bench, CannotMeasure
from bench.figures import Figure
from bench.rounds import in_turn
from bench.servers import petsage

NO_ATTACK = "nobody"
_LIMITED = ("prlimit", "--nofile=128")
_EVERY = 0.02


def run(bench: Bench) -> list[Figure]:
    """Probe `/livez` over new connections beside each attack, each time on a new server."""
    side = petsage(bench, config="server: {access_log: none, drain: 0s}\n")
    limited = replace(side, command=(*_LIMITED, *side.command))

    def measure(name: str) -> Probed:
        with limited.start("/livez") as server:
            found = _probed(name, server.port, bench.seconds)
        if found.failed:
            raise CannotMeasure(f"beside {name} a probe was not answered within a second: {found.failed[0]}")
        return found

    found = in_turn([NO_ATTACK, *ATTACKS], bench.rounds, measure)
    return [_figure(found, name, percent) for name, percent in (("p50", 50), ("p99", 99), ("max", 100))]


def _probed(name: str, port: int, seconds: int) -> Probed:
    if name == NO_ATTACK:
        return probe(port, seconds=seconds, every=_EVERY)
    with attacking(name, port):
        return probe(port, seconds=seconds, every=_EVERY)


def _figure(found: dict[str, list[Probed]], name: str, percent: int) -> Figure:
    sides = {side: [probed.percentile(percent) for probed in rounds] for side, rounds in found.items()}
    return Figure("hostile", name, f"/livez beside hostile clients, {name}", "ms", "less", sides)
