"""A thousand requests for a fresh result of a slow check: how often it is run, and how long they wait."""

import asyncio
import json
import resource
import time
from statistics import quantiles
from typing import NamedTuple

from bench.answers import get
from bench.bench import Bench, CannotMeasure
from bench.figures import Figure
from bench.processes import Server
from bench.rounds import in_turn
from bench.servers import HEALTH_PEERS, PETSAGE, features, peer, petsage

PROBES = 1000
_SLOW = 0.5
_TOKEN = "the-token-of-the-herd"  # noqa: S105 (of a server that lives for a second)
_SETTINGS = {"trivial": {"checks": 1, "seconds": _SLOW, "interval": 3600}, "health": {"token": _TOKEN}}
_TOGETHER = 50
"""Connections that are opened at once: the kernel's queue of connections to accept holds 128."""

_WITHIN = 30.0


class Herd(NamedTuple):
    """Number of runs of the check, and milliseconds that the probes waited."""

    executions: float
    p50: float
    p99: float


def run(bench: Bench) -> list[Figure]:
    """Measure PetSage, and the peers that run the check for each request."""
    _allow_connections()
    sides = {PETSAGE: petsage(bench, config=json.dumps({"features": _SETTINGS}), features=features("trivial"))}
    sides |= {name: peer(bench, name, 1, _SLOW) for name in HEALTH_PEERS}
    paths = {PETSAGE: "/readyz?fresh", "django-health-check": "/readyz?format=json", "svcs": "/readyz"}

    def measure(name: str) -> Herd:
        with sides[name].start("/readyz?format=json") as server:
            return _herd(server, paths[name])

    found = in_turn([*sides], bench.rounds, measure)
    members = {"executions": ("Runs of the check", "runs"), "p50": ("p50", "ms"), "p99": ("p99", "ms")}
    what = f"{PROBES:,} fresh probes at once on a check of {_SLOW * 1000:.0f} ms"
    return [
        Figure("herd", member, f"{what}: {title}", unit, "less", _column(found, member))
        for member, (title, unit) in members.items()
    ]


def _column(found: dict[str, list[Herd]], member: str) -> dict[str, list[float]]:
    return {name: [float(getattr(herd, member)) for herd in herds] for name, herds in found.items()}


def _allow_connections() -> None:
    """Raise the limit of open files of this process and its children to the maximum."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _herd(server: Server, path: str) -> Herd:
    _, before = get(server.port, "/executions")
    waits = asyncio.run(_ask(server, path))
    _, after = get(server.port, "/executions")
    percentiles = quantiles(waits, n=100)
    return Herd(after - before, percentiles[49] * 1000, percentiles[98] * 1000)


async def _ask(server: Server, path: str) -> list[float]:
    """Open all connections, send a request on each, and return the seconds until each was answered."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {_TOKEN}\r\n\r\n".encode()
    gate = asyncio.Semaphore(_TOGETHER)
    go = asyncio.Event()

    async def probe() -> float:
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        opened.release()
        await go.wait()
        asked = time.perf_counter()
        writer.write(request)
        status = await reader.readline()
        waited = time.perf_counter() - asked
        writer.close()
        if b" 200 " not in status:
            raise CannotMeasure(f"{server.name} answers {status!r} to one of {PROBES} probes at {path}")
        return waited

    opened = asyncio.Semaphore(0)
    async with asyncio.timeout(_WITHIN), asyncio.TaskGroup() as group:
        probes = [group.create_task(probe()) for _ in range(PROBES)]
        for _ in probes:
            await opened.acquire()
        go.set()
    return [one.result() for one in probes]
