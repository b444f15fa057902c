"""All servers of the table, and the checks that watch them."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.integration.kinds.certificates import Authority
from tests.integration.kinds.servers import Network, Server, folder, network
from tests.integration.truth import peers
from tests.integration.truth.group import Group, Peers, new_port
from tests.integration.truth.local import command, disk, file
from tests.integration.truth.mysql import mysql
from tests.integration.truth.others import dns, program, tcp
from tests.integration.truth.postgres import postgres, programs
from tests.integration.truth.redis import redis, redis_login, redis_server
from tests.integration.truth.rules import Rules
from tests.integration.truth.web import stand_ins, web
from tests.support.require import require, require_program

_PROGRAMS = {
    "ip": "iproute2",
    "mariadb": "mariadb-client",
    "mariadb-install-db": "mariadb-server",
    "mariadbd": "mariadb-server",
    "nft": "nftables",
    "nginx": "nginx",
    "openssl": "openssl",
    "redis-server": "redis-server",
    "setpriv": "util-linux",
    "unshare": "util-linux",
}


def require_all() -> None:
    """Skip unless all is there that the servers, their network and their mounts need."""
    require(os.geteuid() == 0, "networks and mounts of one's own are for root")
    for name, package in _PROGRAMS.items():
        require_program(name, package)
    programs()


@contextmanager
def groups(place: Path, rows: set[str]) -> Iterator[list[Group]]:
    """Start the servers of these rows."""
    with ExitStack() as stack:
        net = stack.enter_context(network())
        require(net.namespace, "no network namespace can be made here")
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
    """Start the misbehaving peers, and the stand-ins that are never troubled."""
    with folder() as data, stand_ins(net, old, new) as substitutes, redis_server(net, old) as (_, tls_port):
        ports = {name: new_port() for name in (*peers.BEHAVIOURS, "overrun")}
        argv = program(peers.__file__, *(f"{name}={port}" for name, port in ports.items()))
        server = Server(net.address, ports["greets"], net.within(argv), data)
        server.start()
        try:
            yield Peers(Rules(net), {**ports, **substitutes, "redis.tls": tls_port})
        finally:
            server.kill()
