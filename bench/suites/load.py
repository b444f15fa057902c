"""Latency of liveness while another route keeps the event loop busy."""

from bench.bench import Bench
from bench.cost import demand, warm_up
from bench.figures import Figure
from bench.rounds import in_turn
from bench.servers import PETSAGE, features, petsage, program
from bench.wrk import Load, begin, drive, finish

BUSY, LIVE = "/busy", "/livez"
_CONNECTIONS = 8
_WARM_UP = 0.2
_LONGER = 1
"""Seconds for which the load of the busy route outlasts the probes, so that none of them meets an idle loop."""


def run(bench: Bench) -> list[Figure]:
    """Probe liveness over one connection while eight others keep the loop busy."""
    sides = {
        PETSAGE: petsage(bench, config="server: {access_log: none}", features=features("busy")),
        "aiohttp (json_response)": program(bench, "aiohttp, busy", "aiohttp_busy.py"),
        "FastAPI": program(bench, "FastAPI, busy", "fastapi_busy.py"),
    }

    def measure(name: str) -> Load:
        with sides[name].start(LIVE) as server:
            demand(server, LIVE, {"status": "pass"})
            warm_up(server, BUSY, seconds=_WARM_UP)
            busy = server.url + BUSY
            others = begin(busy, seconds=bench.seconds + _LONGER, connections=_CONNECTIONS)
            load = drive(server.url + LIVE, seconds=bench.seconds, connections=1)
            finish(others, busy)
            return load

    found = in_turn([*sides], bench.rounds, measure)
    p50 = {name: [load.p50 for load in loads] for name, loads in found.items()}
    p99 = {name: [load.p99 for load in loads] for name, loads in found.items()}
    return [
        Figure("load", "p50", "/livez while the event loop is saturated, p50", "ms", "less", p50),
        Figure("load", "p99", "/livez while the event loop is saturated, p99", "ms", "less", p99),
    ]
