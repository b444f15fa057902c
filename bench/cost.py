"""CPU time that a server spends on a request."""

import time
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any, NamedTuple

from bench.answers import get
from bench.bench import CannotMeasure
from bench.processes import Server
from bench.wrk import CONNECTIONS, drive


class Cost(NamedTuple):
    """Cost of a request: `cpu` of the server in microseconds, `throughput` in requests/s, percentiles in ms."""

    cpu: float
    throughput: float
    p50: float
    p99: float


def cost(server: Server, path: str, *, seconds: int, connections: int = CONNECTIONS) -> Cost:
    """Measure a server under load; raise `CannotMeasure` if it answers with anything but successes."""
    before = server.cpu()
    load = drive(server.url + path, seconds=seconds, connections=connections)
    return Cost((server.cpu() - before) / load.requests * 1e6, load.throughput, load.p50, load.p99)


def warm_up(server: Server, path: str, *, seconds: float) -> None:
    """Send requests over one connection for a while, as a warm-up."""
    until = time.perf_counter() + seconds
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    while time.perf_counter() < until:
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()


def demand(server: Server, path: str, document: Any) -> None:
    """Raise `CannotMeasure` unless the answer is a 200 with this JSON document."""
    answer = get(server.port, path)
    if answer != (200, document):
        raise CannotMeasure(f"{server.name} answers {answer} at {path}, not {(200, document)}")


def column(measured: Mapping[str, list[Cost]], member: str) -> dict[str, list[float]]:
    """Return one member of all costs, as the sides of a figure."""
    return {side: [float(getattr(one, member)) for one in costs] for side, costs in measured.items()}
