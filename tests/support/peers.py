"""Peers on the loopback that answer as told, and what can be counted of the process."""

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from petsage.checks.model import CheckFailed, CheckWarning

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def peer(handler: Handler) -> AsyncIterator[int]:
    """Serve connections by the handler on a free port, which is entered with."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def greeting(data: bytes) -> Handler:
    """Say it at once, and hang up when the other does."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await reader.read()

    return handle


def answering(*answers: bytes) -> Handler:
    """Say one after another, each when something has come, and hang up after the last."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.read(65536)
            writer.write(answer)
            await writer.drain()

    return handle


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept, and say nothing until the other is gone."""
    while await reader.read(65536):
        pass


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection as soon as something has come."""
    await reader.read(1)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def closed_port() -> int:
    """Return a port that nobody listens on, nor will: it stays bound until this process ends."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    port = int(sock.getsockname()[1])
    sock.detach()
    return port


async def failure(check: Callable[[], Awaitable[object]]) -> str:
    """Return the reason for which the check fails."""
    with pytest.raises(CheckFailed) as raised:
        await check()
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return str(raised.value)


async def failure_code(check: Callable[[], Awaitable[object]]) -> str:
    """Return the code with which the check fails."""
    with pytest.raises(CheckFailed) as raised:
        await check()
    return str(raised.value.code)


async def warning(check: Callable[[], Awaitable[object]]) -> str:
    """Return the reason for which the check warns."""
    with pytest.raises(CheckWarning) as raised:
        await check()
    return str(raised.value)


def open_files() -> set[str]:
    """Return the descriptors that are open, each with what it is open for: a number is used again, a socket is not."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one by which we look
            found.add(f"{entry.name} {entry.readlink()}")
    return found


def threads() -> set[threading.Thread]:
    """Return the threads that there are; of an earlier test's some may be about to end."""
    return {*threading.enumerate()}


async def eventually(holds: Callable[[], object], within: float = 60.0) -> None:
    """Return when it holds, and fail when it does not within so many seconds."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 (a process or a descriptor sets no event)
            await asyncio.sleep(0.005)
