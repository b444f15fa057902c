"""Daemon threads, and name resolution in them: nothing joins them, so one that hangs delays no exit."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

Result = TypeVar("Result")


def in_daemon_thread(function: Callable[[], Result], name: str) -> Future[Result]:
    """Run `function` in a daemon thread of its own; the future cannot be cancelled. Raises OSError without a thread.

    Threads of an executor are joined at the interpreter's exit, and the loop's default executor has few: one hung
    function there would delay the exit, and starve whatever else needs a thread.
    """
    ending: Future[Result] = Future()
    ending.set_running_or_notify_cancel()
    thread = threading.Thread(target=_run, args=(function, ending), name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError(f"no thread for {name}: {error}") from error
    return ending


def _run(function: Callable[[], Result], ending: Future[Result]) -> None:
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001 (whatever it is belongs to whoever waits for it)
        ending.set_exception(error)
    else:
        ending.set_result(result)


SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, SocketAddress]
Lookup = Callable[..., Sequence[Address]]


_PATIENCE = 0.25
"""Seconds that a lookup has before it counts as stuck, once somebody has given it up."""

_MOST_STUCK = 64
"""Threads in stuck lookups, of all names, while which another may be begun beside a stuck one."""


@dataclass(eq=False)
class _Lookup:
    began: float
    answer: Future[list[Address]]
    given_up: bool = False


class Resolver:
    """Looks names up with one thread a name; who asks meanwhile, from whatever loop, shares its answer.

    `getaddrinfo` waits for a silent name server for ten seconds and more, also when that is well again: once a caller
    has given up, the next one gets a lookup of its own, as long as there are few such threads.
    """

    def __init__(self, lookup: Lookup = socket.getaddrinfo, clock: Callable[[], float] = monotonic) -> None:
        self._lookup = lookup
        self._clock = clock
        self._lock = threading.Lock()
        self._newest: dict[str, _Lookup] = {}
        self._stuck: set[_Lookup] = set()

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Return what `getaddrinfo` says of `host` for streams, each address with `port`.

        A numeric address takes no thread. Raises OSError, mostly `socket.gaierror`. Whoever is cancelled leaves the
        lookup to the others.
        """
        addresses = self._numeric(host) or await self._answer(self._share(host))
        return [(*rest, _with_port(sockaddr, port)) for *rest, sockaddr in addresses]  # type: ignore[misc] # mypy loses the arity of *rest

    def _numeric(self, host: str) -> list[Address]:
        try:
            return self._ask(host, socket.AI_NUMERICHOST)
        except OSError:
            return []

    async def _answer(self, lookup: _Lookup) -> list[Address]:
        try:
            return await asyncio.wrap_future(lookup.answer)
        except asyncio.CancelledError:
            lookup.given_up = True
            raise

    def _share(self, host: str) -> _Lookup:
        with self._lock:
            newest = self._newest.get(host)
            if newest is None or self._is_left_alone(newest):
                newest = self._newest[host] = self._begin(host)
        return newest

    def _is_left_alone(self, lookup: _Lookup) -> bool:
        """Say whether a lookup is stuck and another is to be begun; that it is stuck is noted."""
        if not lookup.given_up or self._clock() - lookup.began < _PATIENCE or len(self._stuck) >= _MOST_STUCK:
            return False
        self._stuck.add(lookup)
        return True

    def _begin(self, host: str) -> _Lookup:
        made: list[_Lookup] = []  # the thread ends it under the lock, so not before it is here
        made.append(_Lookup(self._clock(), in_daemon_thread(lambda: self._settle(host, made), f"resolve {host}")))
        return made[0]

    def _settle(self, host: str, made: list[_Lookup]) -> list[Address]:
        try:
            return self._ask(host, 0)
        finally:
            with self._lock:
                self._stuck.discard(made[0])
                if self._newest.get(host) is made[0]:
                    del self._newest[host]

    def _ask(self, host: str, flags: int) -> list[Address]:
        try:
            return list(self._lookup(host, 0, type=socket.SOCK_STREAM, flags=flags))
        except ValueError as error:  # a label that is empty, too long, or holds what no name may hold
            raise socket.gaierror(socket.EAI_NONAME, "not a name that can be looked up") from error


def _with_port(sockaddr: SocketAddress, port: int) -> SocketAddress:
    return (sockaddr[0], port, *sockaddr[2:])


# One for the process: a lookup that hangs outlives the loop that asked for it.
resolve = Resolver().resolve
