"""Measure the table and write it down: `make truth`. It runs with mounts of its own, by `unshare`."""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

from tests.integration.kinds.certificates import Authority
from tests.integration.kinds.servers import Network, Server, folder, free_port, network
from tests.integration.truth import peers
from tests.integration.truth.document import written
from tests.integration.truth.group import Group, Peers
from tests.integration.truth.local import command, disk, file
from tests.integration.truth.measure import Cell, measure
from tests.integration.truth.mysql import mysql
from tests.integration.truth.others import dns, program, tcp
from tests.integration.truth.postgres import postgres
from tests.integration.truth.redis import redis, redis_login, redis_server
from tests.integration.truth.rules import Rules
from tests.integration.truth.table import CONDITIONS, RIGHT, is_right
from tests.integration.truth.web import stand_ins, web
from tests.require import require, require_program

_OWN_MOUNTS = "--own-mounts"
DOCUMENT = Path(__file__).parents[3] / "docs" / "explanation" / "truth.md"


def main() -> None:
    """Measure what the arguments name, and write the document, or the cells as JSON."""
    parser = argparse.ArgumentParser(prog="make truth", description=__doc__)
    parser.add_argument("--rows", nargs="+", choices=RIGHT, default=[*RIGHT], metavar="ROW", help="only these kinds")
    parser.add_argument("--conditions", nargs="+", choices=CONDITIONS, default=[*CONDITIONS], metavar="CONDITION")
    parser.add_argument("--json", type=Path, help="write the cells to this file, and no document")
    parser.add_argument(_OWN_MOUNTS, action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.own_mounts:
        _run_with_own_mounts()
    with tempfile.TemporaryDirectory() as place, _groups(Path(place), set(arguments.rows)) as groups:
        cells = asyncio.run(_measured(groups, set(arguments.conditions)))
    whole = len(arguments.rows) == len(RIGHT) and len(arguments.conditions) == len(CONDITIONS)
    if arguments.json:
        arguments.json.write_text(json.dumps([cell._asdict() for cell in cells]))
    elif whole:
        DOCUMENT.write_text(written(cells))
    for cell in cells:
        if not is_right(cell.right, cell.found) or not whole:
            _say(f"{cell.row} × {cell.condition}: {cell.found} ({cell.reason}), right is {cell.right}; {cell.down:.2f} {cell.up:.2f}")


def _run_with_own_mounts() -> NoReturn:
    require(os.geteuid() == 0 and shutil.which("nft") and shutil.which("ip"), "run it as root, with ip and nft")
    unshare = [require_program("unshare", "util-linux"), "--mount", "--propagation", "private"]
    argv = [*unshare, sys.executable, "-m", "tests.integration.truth", *sys.argv[1:], _OWN_MOUNTS]
    os.execv(argv[0], argv)


async def _measured(groups: list[Group], conditions: set[str]) -> list[Cell]:
    """Measure all groups at once, each by a monitor of its own."""
    found = await asyncio.gather(*(measure(group, conditions, _say) for group in groups))
    order = [*RIGHT]
    return sorted((cell for cells in found for cell in cells), key=lambda cell: order.index(cell.row))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


@contextmanager
def _groups(place: Path, rows: set[str]) -> Iterator[list[Group]]:
    """Start the servers of these rows."""
    with ExitStack() as stack:
        net = stack.enter_context(network())
        require(net.namespace, "no network namespace: run as root with iproute2 and nftables installed")
        old, new = Authority(place, "authority"), Authority(place, "renewed")
        others = stack.enter_context(_peers(net, old, new))
        makers = {
            ("http", "https", "tls"): lambda: web(net, others, old, new),
            ("tcp", "tcp.expect"): lambda: tcp(net, others),
            ("dns",): lambda: dns(net, others),
            ("postgres", "postgres.login", "postgres.tls"): lambda: postgres(net, others, old, new),
            ("mysql", "mysql.login"): lambda: mysql(net, others),
            ("redis",): lambda: redis(net, others, old),
            ("redis.login", "redis.tls"): lambda: redis_login(net, others, old, new),
            ("disk",): disk,
            ("file",): file,
            ("command",): command,
        }
        yield [stack.enter_context(make()) for names, make in makers.items() if rows & {*names}]


@contextmanager
def _peers(net: Network, old: Authority, new: Authority) -> Iterator[Peers]:
    """Start those who misbehave, and those who stand in for others and are never troubled."""
    with folder() as data, stand_ins(net, old, new) as stands, redis_server(net, old) as (_, tls_port):
        ports = {name: free_port() for name in (*peers.BEHAVIOURS, "overrun")}
        argv = program(peers.__file__, *(f"{name}={port}" for name, port in ports.items()))
        server = Server(net.address, ports["greets"], net.within(argv), data)
        server.start()
        try:
            yield Peers(Rules(net), {**ports, **stands, "redis.tls": tls_port})
        finally:
            server.kill()


if __name__ == "__main__":
    main()
