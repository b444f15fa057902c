"""Options of one run of the bench: how thorough, in which environments, on which cores."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

Extent = TypeVar("Extent")


class CannotMeasure(Exception):  # noqa: N818 (a plain statement, shown to the user of the bench)
    """Something cannot be measured; the text names it, and what to do if anything can be done."""


class Cores(NamedTuple):
    """CPU cores of the measured servers and of everything else; the same core on a machine that has only one."""

    server: int
    client: int


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Options of one run, and its notes.

    Attributes:
        quick: Measure less of everything.
        petsage: Python of the environment with PetSage.
        peers: Python of the environment with the peers.
        rounds: Rounds of each comparison.
        seconds: Duration of one load.
        folder: Folder for temporary files.
        cores: CPU cores to use.
        notes: What a reader has to know about this run, such as what was left out.
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
        """Return `quick` in a quick run, otherwise `full`."""
        return quick if self.quick else full

    def say(self, line: str) -> None:
        """Print a line of progress."""
        print(line, file=sys.stderr, flush=True)

    def note(self, line: str) -> None:
        """Print a line, and add it to the notes of the record."""
        self.say(f"note: {line}")
        self.notes.append(line)


def cores() -> Cores:
    """Return the first two cores that this process may use."""
    first, *others = sorted(os.sched_getaffinity(0))
    return Cores(first, others[0] if others else first)
