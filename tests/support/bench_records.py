"""Records of the bench with figures in which all rounds are equal."""

from bench.figures import Better, Figure
from bench.record import Record


def figure(key: str, sides: dict[str, float], unit: str = "µs", better: Better = "less") -> Figure:
    """Return the figure `SUITE.NAME` with three equal rounds."""
    suite, name = key.split(".")
    return Figure(suite, name, f"The {name}", unit, better, {side: [number] * 3 for side, number in sides.items()})


def record(*figures: Figure, quick: bool = False, dirty: bool = False, notes: tuple[str, ...] = ()) -> Record:
    """Return a record of one machine and one day."""
    machine: dict[str, str | int] = {"cpu": "Abacus", "cores": 2, "memory_mb": 4, "system": "Linux", "kernel": "6.1"}
    versions = {"Python": "3.13.1", "petsage": "1.0"}
    return Record("2026-01-02T03:04:05+00:00", "c0ffee", dirty, quick, machine, versions, [*notes], [*figures])
