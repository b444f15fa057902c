"""Connections for checks that speak a protocol themselves."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohappyeyeballs import start_connection

from petsage.checks.kinds._reasons import place, told, waiting
from petsage.checks.model import CheckFailed
from petsage.checks.resolve import Address, resolve


class Stream:
    """A connected socket; what goes wrong on it is raised as a public reason."""

    def __init__(self, sock: socket.socket, where: str) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self.where = where

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        with told(self.where), waiting(f"connected, but {self.where} takes nothing"):
            await self._loop.sock_sendall(self._sock, data)

    async def receive(self, most: int = 4096) -> bytes:
        """Return what has come, at least a byte; nothing at the end."""
        with told(self.where), waiting(f"connected, but {self.where} says nothing"):
            return await self._loop.sock_recv(self._sock, most)

    async def receive_some(self, count: int) -> bytes:
        """Return at least `count` bytes, or fewer where the peer ends after saying something."""
        data = b""
        while len(data) < count and (more := await self.receive()):
            data += more
        if not data:
            raise CheckFailed(f"{self.where} closed the connection without an answer")
        return data


async def addresses(host: str, port: int) -> list[Address]:
    """Resolve a host in a daemon thread; what goes wrong is raised as a public reason."""
    with told(place(host, port)), waiting(f"the name server says nothing about {host}"):
        return await resolve(host, port)


async def connect(host: str, port: int) -> socket.socket:
    """Connect by TCP, to addresses of both families as RFC 8305 has it; the caller closes the socket."""
    found = await addresses(host, port)
    where = place(host, port)
    with told(where), waiting(f"no answer from {where}"):
        return await start_connection(found, happy_eyeballs_delay=0.25)


@asynccontextmanager
async def connected(host: str, port: int) -> AsyncIterator[Stream]:
    """Enter with a connection; leaving closes it, whatever happens."""
    with await connect(host, port) as sock:
        yield Stream(sock, place(host, port))
