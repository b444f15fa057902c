"""Names to addresses, in daemon threads: `getaddrinfo` knows no deadline, and the loop's executor is joined at exit."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from petsage.checks.threads import in_daemon_thread

SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, SocketAddress]
Lookup = Callable[..., Sequence[Address]]


class Resolver:
    """Looks names up with at most one thread a name; who asks meanwhile, from whatever loop, shares its answer."""

    def __init__(self, lookup: Lookup = socket.getaddrinfo) -> None:
        self._lookup = lookup
        self._lock = threading.Lock()
        self._pending: dict[str, Future[list[Address]]] = {}

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Return what `getaddrinfo` says of `host` for streams, each address with `port`.

        A numeric address takes no thread. Raises OSError, mostly `socket.gaierror`. Whoever is cancelled leaves the
        lookup to the others, and to the next who asks.
        """
        addresses = self._numeric(host) or await asyncio.wrap_future(self._share(host))
        return [(*rest, _with_port(sockaddr, port)) for *rest, sockaddr in addresses]  # type: ignore[misc] # mypy loses the arity of *rest

    def _numeric(self, host: str) -> list[Address]:
        try:
            return self._ask(host, socket.AI_NUMERICHOST)
        except OSError:
            return []

    def _share(self, host: str) -> Future[list[Address]]:
        with self._lock:
            pending = self._pending.get(host)
            if pending is None:
                pending = self._pending[host] = in_daemon_thread(lambda: self._settle(host), f"resolve {host}")
        return pending

    def _settle(self, host: str) -> list[Address]:
        try:
            return self._ask(host, 0)
        finally:
            with self._lock:
                self._pending.pop(host, None)

    def _ask(self, host: str, flags: int) -> list[Address]:
        try:
            return list(self._lookup(host, 0, type=socket.SOCK_STREAM, flags=flags))
        except ValueError as error:  # a label that is empty, too long, or holds what no name may hold
            raise socket.gaierror(socket.EAI_NONAME, "not a name that can be looked up") from error


def _with_port(sockaddr: SocketAddress, port: int) -> SocketAddress:
    return (sockaddr[0], port, *sockaddr[2:])


# One for the process: a lookup that hangs outlives the loop that asked for it.
resolve = Resolver().resolve
