"""The name server, and a server that greets: `dns` and `tcp`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.kinds.servers import Network, Server, folder, until
from tests.integration.truth import names, peers
from tests.integration.truth.files import changed, write
from tests.integration.truth.group import RESTARTING, Group, Peers, new_port, process_troubles
from tests.integration.truth.table import OFTEN

_PATIENCE = 15
"""Seconds for which the resolver waits: a check that waits as long is later than any machine is slow."""

_NAME = "service.petsage.test"
_RESOLVER = Path("/etc/resolv.conf")


@contextmanager
def tcp(net: Network, misbehaving: Peers) -> Iterator[Group]:
    """Start a server that greets as mail servers do."""
    with folder() as data:
        port = new_port()
        server = Server(net.address, port, net.within(program(peers.__file__, f"greets={port}")), data)
        server.start()
        place = {"kind": "tcp", "host": net.address, "port": port, **OFTEN}
        try:
            yield Group(
                "a server that greets",
                {"tcp": place, "tcp.expect": {**place, "expect": "220 mail.test"}},
                {
                    **process_troubles(server),
                    **misbehaving.stream_troubles([port]),
                    "full": misbehaving.instead_of([port], "overrun"),
                    "TLS on plain": misbehaving.instead_of([port], "redis.tls"),
                },
                RESTARTING,
            )
        finally:
            server.kill()


@contextmanager
def dns(net: Network, misbehaving: Peers) -> Iterator[Group]:
    """Start a name server, which the whole process asks from now on: its mounts have to be its own."""
    with folder() as data:
        mode = write(data / "mode", "answer")
        argv = net.within(program(names.__file__, net.address, str(mode)))
        server = _NameServer(net.address, 53, argv, data)
        server.start()
        resolver = write(data / "resolv.conf", f"nameserver {net.address}\noptions timeout:{_PATIENCE}\n")
        resolver.chmod(0o644)
        subprocess.run(["mount", "--bind", str(resolver), str(_RESOLVER.resolve())], check=True)
        entry = {"kind": "dns", "name": _NAME, "expect": [names.ADDRESS], **OFTEN}
        try:
            yield Group(
                "name server",
                {"dns": entry},
                {
                    **process_troubles(server),
                    "packets dropped": lambda: misbehaving.rules.dropping([53], "udp"),
                    "starting up": lambda: changed(mode, "servfail"),
                    "silent": lambda: changed(mode, "silent"),
                    "another protocol": lambda: changed(mode, "garbage"),
                },
                RESTARTING,
            )
        finally:
            subprocess.run(["umount", str(_RESOLVER.resolve())], check=True)
            server.kill()


class _NameServer(Server):
    """A server that is asked by datagrams."""

    def start(self, *more: str, accepts: bool = True) -> None:
        """Start it, and return when it is bound to its port."""
        super().start(*more, accepts=False)
        assert self.process is not None
        table = Path(f"/proc/{self.process.pid}/net/udp")
        until(lambda: ":0035 " in table.read_text(), f"nobody listens on port 53: {self.argv}")


def program(path: str | None, *arguments: str) -> list[str]:
    """Return the command of one of the programs beside this module."""
    return [sys.executable, str(path), *arguments]
