"""What a run of the bench is: how thorough, in which environments, on which cores."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

Extent = TypeVar("Extent")


class CannotMeasure(Exception):  # noqa: N818 (a plain statement, shown to whoever runs the bench)
    """Something does not do what it is to be measured at; the text names it, and the way out if there is one."""


class Cores(NamedTuple):
    """Where the measured servers run, and where everything else does; the same core where there is but one."""

    server: int
    client: int


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One run: `petsage` and `peers` are the interpreters of the two environments, `folder` is for whatever is made.

    Every comparison takes `rounds` rounds, a load `seconds`; `quick` asks for less of everything. `notes` is what a
    reader must know of this run, such as what was left out.
    """

    quick: bool
    petsage: Path
    peers: Path
    rounds: int
    seconds: int
    folder: Path
    cores: Cores
    notes: list[str] = field(default_factory=list)

    def either(self, full: Extent, *, quick: Extent) -> Extent:
        """Return how much of something is measured."""
        return quick if self.quick else full

    def say(self, line: str) -> None:
        """Tell how far it is."""
        print(line, file=sys.stderr, flush=True)

    def note(self, line: str) -> None:
        """Tell something that belongs into the record too."""
        self.say(f"note: {line}")
        self.notes.append(line)


def cores() -> Cores:
    """Return the first two cores that this process may use."""
    first, *others = sorted(os.sched_getaffinity(0))
    return Cores(first, others[0] if others else first)
