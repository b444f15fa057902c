"""Cost of a request: the smoke test beside its peers, PetSage's paths, and health beside its peers."""

from collections.abc import Mapping
from typing import Any

from bench.bench import Bench
from bench.cost import Cost, column, cost, demand, warm_up
from bench.figures import Figure
from bench.rounds import in_turn
from bench.servers import (
    DOCUMENT,
    HEALTH_PEERS,
    PETSAGE,
    REQUEST_PEERS,
    Side,
    peer,
    petsage,
    petsage_with_checks,
    running,
)

SMOKE, READY, VERBOSE = "/smoke-test", "/readyz", "/readyz?verbose"
AS_JSON = "/readyz?format=json"
"""Path for django-health-check, which returns JSON only if it is requested."""

_WARM_UP = 0.2
_GENERATIONS, _PASSES = 3, 6
"""Number of new processes, because their memory layout makes a difference, and rounds with each."""


def run(bench: Bench) -> list[Figure]:
    """Measure all three comparisons."""
    return [*_smoke_test(bench), _paths(bench), *_health(bench)]


def _smoke_test(bench: Bench) -> list[Figure]:
    sides = {PETSAGE: petsage(bench), **{name: peer(bench, name) for name in REQUEST_PEERS}}
    measured: dict[str, list[Cost]] = {name: [] for name in sides}
    for _ in range(bench.either(_GENERATIONS, quick=1)):
        for name, costs in _generation(sides, bench.either(_PASSES, quick=1)).items():
            measured[name] += costs
    return [
        Figure("request", "cpu", "CPU per request, /smoke-test", "µs", "less", column(measured, "cpu")),
        Figure("request", "throughput", "Requests answered", "requests/s", "more", column(measured, "throughput")),
        Figure("request", "p50", "Latency at that load, p50", "ms", "less", column(measured, "p50")),
        Figure("request", "p99", "Latency at that load, p99", "ms", "less", column(measured, "p99")),
    ]


def _generation(sides: Mapping[str, Side], passes: int) -> dict[str, list[Cost]]:
    """Run all at once, and load each in turn for a second: a machine's speed drifts within seconds."""
    with running(sides, SMOKE) as servers:
        for server in servers.values():
            demand(server, SMOKE, DOCUMENT)
            warm_up(server, SMOKE, seconds=_WARM_UP)
        return in_turn([*sides], passes, lambda name: cost(servers[name], SMOKE, seconds=1))


def _paths(bench: Bench) -> Figure:
    """Compare PetSage's paths; the smoke test is measured on the server with the most checks."""
    counts = bench.either((1, 50, 500), quick=(1, 500))
    asked = {SMOKE: (counts[-1], SMOKE), "/livez": (counts[-1], "/livez")}
    asked |= {f"{path}, {_checks(count)}": (count, path) for path in (READY, VERBOSE) for count in counts}
    with running({str(count): petsage_with_checks(bench, count) for count in counts}, READY) as servers:
        for count, path in asked.values():
            warm_up(servers[str(count)], path, seconds=_WARM_UP)

        def measure(name: str) -> Cost:
            count, path = asked[name]
            return cost(servers[str(count)], path, seconds=bench.seconds)

        measured = in_turn([*asked], bench.rounds, measure)
    return Figure("request", "paths", "CPU per request of PetSage, by path", "µs", "less", column(measured, "cpu"))


def _health(bench: Bench) -> list[Figure]:
    return [_health_with(bench, count) for count in bench.either((1, 50, 500), quick=(500,))]


def _health_with(bench: Bench, count: int) -> Figure:
    """Use one connection, since a long request is counted only when it is answered."""
    sides = {PETSAGE: petsage_with_checks(bench, count), **{name: peer(bench, name, count, 0) for name in HEALTH_PEERS}}
    asked = {PETSAGE: (PETSAGE, READY), f"{PETSAGE} (?verbose)": (PETSAGE, VERBOSE)}
    asked |= {"django-health-check": ("django-health-check", AS_JSON), "svcs": ("svcs", READY)}
    with running(sides, AS_JSON) as servers:
        for name, document in _documents(count).items():
            demand(servers[name], asked[name][1], document)
        for server, path in asked.values():
            warm_up(servers[server], path, seconds=_WARM_UP)

        def measure(name: str) -> Cost:
            server, path = asked[name]
            return cost(servers[server], path, seconds=bench.seconds, connections=1)

        measured = in_turn([*asked], bench.rounds, measure)
    title = f"CPU per request for the health of {_checks(count)}"
    return Figure("request", f"health_{count}", title, "µs", "less", column(measured, "cpu"))


def _documents(count: int) -> dict[str, Any]:
    """Return the expected document of each when every check passes."""
    return {
        PETSAGE: {"status": "pass"},
        "django-health-check": {f"Holds(number={number})": "OK" for number in range(count)},
        "svcs": {"ok": [f"__main__.Service{number}" for number in range(count)], "failing": []},
    }


def _checks(count: int) -> str:
    return "1 check" if count == 1 else f"{count} checks"
