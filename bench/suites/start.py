"""Time from exec to the first 200, with bytecode compiled before: a restart, as after a release or a crash."""

from bench.bench import Bench
from bench.desks import desks
from bench.figures import Figure
from bench.goals import JSON_RESPONSE
from bench.rounds import in_turn
from bench.servers import Side, peer, petsage

FEATURES = (1, 10, 50)


def run(bench: Bench) -> list[Figure]:
    """Start every server repeatedly; its first start, which may compile, is not counted."""
    sides = {side.name: side for side in (*_houses(bench), peer(bench, JSON_RESPONSE), peer(bench, "FastAPI"))}
    for side in sides.values():
        _started(side)
    found = in_turn([*sides], bench.either(4 * bench.rounds, quick=1), lambda name: _started(sides[name]))
    wall = {side: [wall for wall, _ in rounds] for side, rounds in found.items()}
    cpu = {side: [cpu for _, cpu in rounds] for side, rounds in found.items()}
    return [
        Figure("start", "wall", "From exec to the first 200", "ms", "less", wall),
        Figure("start", "cpu", "CPU from exec to the first 200", "ms", "less", cpu),
    ]


def _houses(bench: Bench) -> list[Side]:
    names = {number: f"PetSage and {number} feature{'s' if number > 1 else ''}" for number in FEATURES}
    return [petsage(bench), *(petsage(bench, name, features=desks(number)) for number, name in names.items())]


def _started(side: Side) -> tuple[float, float]:
    """Return the milliseconds until the answer: wall clock and CPU."""
    with side.start() as server:
        return (server.answered - server.started) * 1000, server.cpu_to_answer * 1000
