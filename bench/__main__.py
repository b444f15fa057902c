"""python -m bench: run the suites, write the record, and update the documentation."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from bench import record, suites, surroundings
from bench.bench import Bench, CannotMeasure, cores
from bench.figures import Figure
from bench.processes import pinned
from bench.publish import ROOT, publish

_MISUSE = 2
_HOME = ROOT / ".bench"
_PETSAGE = _HOME / "petsage/bin/python"
_ROUNDS, _SECONDS = 5, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 1 if something could not be measured, 2 if the bench could not start."""
    options = _options(arguments)
    if missing := _missing(options.petsage):
        print(f"bench: {missing}", file=sys.stderr)
        return _MISUSE
    with tempfile.TemporaryDirectory(prefix="petsage-bench-") as folder:
        bench = _bench(options, Path(folder))
        try:
            _run(bench, options.only or names(), options.output)
        except CannotMeasure as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
    return 0


def names() -> list[str]:
    """Return the names of all suites."""
    return sorted(module.name for module in iter_modules(suites.__path__))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench", description="Measure PetSage beside its peers.")
    parser.add_argument("--quick", action="store_true", help="less of everything, in two minutes: for a first look")
    parser.add_argument("--only", nargs="+", metavar="SUITE", choices=names(), help=f"of {', '.join(names())}")
    parser.add_argument("--petsage", type=Path, default=_PETSAGE, help="the Python of the environment that has PetSage")
    parser.add_argument("--output", type=Path, help="default: docs/ and the README, or .bench/quick for less than all")
    return parser.parse_args(arguments)


def _missing(petsage: Path) -> str | None:
    """Return the first missing requirement of the bench."""
    if not hasattr(os, "pidfd_open"):
        return "what a process uses is asked of Linux: this is another system"
    if shutil.which("wrk") is None:
        return "wrk is not installed, and makes the load: apt-get install wrk"
    if not petsage.exists():
        return f"there is no PetSage at {petsage}: `make bench` installs it"
    return None


def _bench(options: argparse.Namespace, folder: Path) -> Bench:
    bench = Bench(
        quick=options.quick,
        petsage=options.petsage.absolute(),
        peers=Path(sys.executable),
        rounds=1 if options.quick else _ROUNDS,
        seconds=1 if options.quick else _SECONDS,
        folder=folder,
        cores=cores(),
    )
    if bench.cores.server == bench.cores.client:
        bench.note("there is one core only: what makes the load took its time from what was measured")
    return bench


def _run(bench: Bench, chosen: Sequence[str], output: Path | None) -> None:
    commit, dirty = surroundings.commit(ROOT)
    figures: list[Figure] = []
    with pinned(bench.cores.client):
        for name in chosen:
            began = time.monotonic()
            bench.say(f"{name} …")
            figures += import_module(f"bench.suites.{name}").run(bench)
            bench.say(f"{name}: {time.monotonic() - began:.0f} s")
    whole = not bench.quick and [*chosen] == names()
    found = record.Record(
        made=record.now(),
        commit=commit,
        dirty=dirty,
        quick=bench.quick,
        machine=surroundings.machine(),
        versions=surroundings.versions(bench.petsage, bench.peers),
        notes=bench.notes,
        figures=figures,
    )
    into, readme = (ROOT / "docs", ROOT / "README.md") if whole else (_HOME / "quick", None)
    publish(found, output or into, None if output else readme)
    bench.say(f"written to {output or into}")


if __name__ == "__main__":
    sys.exit(main())
