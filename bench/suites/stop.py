"""Time from SIGTERM to the exit, idle and with persistent connections."""

from contextlib import ExitStack, closing
from http.client import HTTPConnection

from bench.bench import Bench
from bench.figures import Figure
from bench.goals import JSON_RESPONSE
from bench.processes import Server
from bench.rounds import in_turn
from bench.servers import Side, peer, petsage

CONNECTIONS = 8
_ANSWERS_WITHIN = 5.0


def run(bench: Bench) -> list[Figure]:
    """Stop each repeatedly. By default PetSage still answers for 3 s, so that load balancers can react."""
    at_once, by_itself = (
        petsage(bench, f"PetSage, drain {drain}", config=f"server: {{drain: {drain}}}\n") for drain in ("0s", "3s")
    )
    sides = {side.name: side for side in (at_once, peer(bench, JSON_RESPONSE), peer(bench, "FastAPI"))}
    rounds = bench.either(bench.rounds, quick=1)
    kept = in_turn([*sides], rounds, lambda name: _stopped(sides[name], CONNECTIONS))
    sides[by_itself.name] = by_itself
    idle = in_turn([*sides], rounds, lambda name: _stopped(sides[name], 0))
    return [
        Figure("stop", "idle", "From SIGTERM to the exit, idle", "ms", "less", idle),
        Figure("stop", "connections", f"From SIGTERM to the exit, {CONNECTIONS} connections kept", "ms", "less", kept),
    ]


def _stopped(side: Side, connections: int) -> float:
    """Return the milliseconds that a server takes to stop while clients hold so many idle connections."""
    with side.start() as server, ExitStack() as clients:
        for _ in range(connections):
            clients.enter_context(closing(_connected(server)))
        return server.stop() * 1000


def _connected(server: Server) -> HTTPConnection:
    """Return a connection that was used once and is kept."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=_ANSWERS_WITHIN)
    connection.request("GET", "/smoke-test")
    connection.getresponse().read()
    return connection
