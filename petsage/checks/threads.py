"""Daemon threads, in which a hung function does not delay the exit of the process, and name resolution in them."""

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
    """Run `function` in a daemon thread of its own; the future cannot be cancelled.

    Threads of an executor are joined when the interpreter exits, and the default executor of the loop has few: a hung
    function there would delay the exit, and starve other code that needs a thread. Raise OSError if no thread can be
    started.
    """
    future: Future[Result] = Future()
    future.set_running_or_notify_cancel()
    thread = threading.Thread(target=_run, args=(function, future), name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise OSError(f"no thread for {name}: {error}") from error
    return future


def _run(function: Callable[[], Result], future: Future[Result]) -> None:
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001 (the waiting task gets the exception)
        future.set_exception(error)
    else:
        future.set_result(result)


SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, SocketAddress]
Lookup = Callable[..., Sequence[Address]]


_STUCK_AFTER_SECONDS = 0.25
"""Time after which a lookup counts as stuck, if a caller has given it up."""

_MAX_STUCK = 64
"""Maximum number of stuck lookups; while there are as many, callers of a stuck name wait for the stuck lookup."""


@dataclass(eq=False)
class _Lookup:
    began: float
    answer: Future[list[Address]]
    given_up: bool = False


class Resolver:
    """Resolves names in threads, one for each name; callers of any event loop share the answer of a lookup.

    `getaddrinfo` waits ten seconds and more for a name server that does not answer, even if the server has recovered
    meanwhile. So the next caller after one that gave up gets a lookup of its own, as long as few are stuck.
    """

    def __init__(self, lookup: Lookup = socket.getaddrinfo, clock: Callable[[], float] = monotonic) -> None:
        self._lookup = lookup
        self._clock = clock
        self._lock = threading.Lock()
        self._newest: dict[str, _Lookup] = {}
        self._stuck: set[_Lookup] = set()

    async def resolve(self, host: str, port: int) -> list[Address]:
        """Return the addresses of `host` for streams, as `getaddrinfo` does, each with `port`.

        A numeric address needs no thread. Cancelling one caller leaves the lookup to the others. Raise OSError, mostly
        `socket.gaierror`.
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
            if newest is None or self._is_stuck(newest):
                newest = self._newest[host] = self._begin(host)
        return newest

    def _is_stuck(self, lookup: _Lookup) -> bool:
        """Return whether a lookup is stuck and another may be begun; count it as stuck if so."""
        if not lookup.given_up or self._clock() - lookup.began < _STUCK_AFTER_SECONDS or len(self._stuck) >= _MAX_STUCK:
            return False
        self._stuck.add(lookup)
        return True

    def _begin(self, host: str) -> _Lookup:
        made: list[_Lookup] = []  # the thread reads it under the lock, so not before it is filled
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
        except ValueError as error:  # a label that is empty or too long, or has a character that no name may have
            raise socket.gaierror(socket.EAI_NONAME, "not a name that can be looked up") from error


def _with_port(sockaddr: SocketAddress, port: int) -> SocketAddress:
    return (sockaddr[0], port, *sockaddr[2:])


# One for the process: a hung lookup outlives the loop that began it.
resolve = Resolver().resolve
