"""One call of a healthcheck command: petsage-probe and its alternatives, against one PetSage."""

import os
import shutil
from collections.abc import Mapping
from statistics import median

from bench.bench import Bench
from bench.figures import Figure
from bench.rounds import in_turn
from bench.servers import petsage
from bench.spawn import peak, spent

_URLLIB = "from urllib.request import urlopen; urlopen({url!r}, timeout=2)"
_HTTP_CLIENT = (
    "from http.client import HTTPConnection; import sys; connection = HTTPConnection('127.0.0.1', {port}, timeout=2); "
    "connection.request('GET', '/smoke-test'); sys.exit(connection.getresponse().status != 200)"
)
_MEGABYTE = 1_000_000


def run(bench: Bench) -> list[Figure]:
    """Call each repeatedly; the number of a round is the median of its calls."""
    with petsage(bench).start() as server:
        commands = _commands(bench, server.port)
        environment = {"PATH": os.environ["PATH"], "HOME": str(bench.folder), "LANG": "C.UTF-8"}
        calls = bench.either(20, quick=3)
        found = in_turn([*commands], bench.rounds, lambda side: _called(commands[side], environment, calls))
    return [
        Figure("probe", name, title, unit, "less", {side: [rounds[name] for rounds in found[side]] for side in found})
        for name, title, unit in (
            ("cpu", "CPU of a call", "ms"),
            ("wall", "A call, from spawn to exit", "ms"),
            ("peak", "Peak memory (RSS) of a call", "MB"),
        )
    ]


def _called(command: list[str], environment: Mapping[str, str], calls: int) -> dict[str, float]:
    runs = [spent(command, environment) for _ in range(calls)]
    return {
        "cpu": median(run.cpu for run in runs) * 1000,
        "wall": median(run.wall for run in runs) * 1000,
        "peak": peak(command, environment) / _MEGABYTE,
    }


def _commands(bench: Bench, port: int) -> dict[str, list[str]]:
    """Return the commands that are installed here; Python is that of PetSage's environment."""
    url, python = f"http://127.0.0.1:{port}/smoke-test", str(bench.petsage)
    commands = {
        "petsage-probe": [str(bench.petsage.with_name("petsage-probe")), url],
        "curl": ["curl", "--fail", "--silent", "--output", os.devnull, url],
        "wget": ["wget", "--quiet", "--output-document", os.devnull, url],
        "busybox wget": ["busybox", "wget", "-q", "-O", os.devnull, url],
        "python urllib": [python, "-c", _URLLIB.format(url=url)],
        "python http.client": [python, "-c", _HTTP_CLIENT.format(port=port)],
        "python -c pass": [python, "-c", "pass"],
    }
    missing = [side for side, command in commands.items() if shutil.which(command[0]) is None]
    for side in missing:
        bench.note(f"probe: {side} is left out, it is not installed")
    return {side: command for side, command in commands.items() if side not in missing}
