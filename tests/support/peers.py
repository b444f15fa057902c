"""Scripted peers on the loopback, and counts of this process's descriptors and threads."""

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
    """Serve connections by the handler; yield the port."""

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
    """Send the data at once, and disconnect when the client does."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await reader.read()

    return handle


def answering(*answers: bytes) -> Handler:
    """Send one answer after each message, and disconnect after the last."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.read(65536)
            writer.write(answer)
            await writer.drain()

    return handle


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept, and send nothing until the client disconnects."""
    while await reader.read(65536):
        pass


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection after the first byte."""
    await reader.read(1)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def closed_port() -> int:
    """Return a port that refuses connections: it is bound, without a listener, until this process ends."""
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
    """Return the open descriptors, each with its file or socket, since a number is used again."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the descriptor of this listing
            found.add(f"{entry.name} {entry.readlink()}")
    return found


def threads() -> set[threading.Thread]:
    """Return the running threads, which may include some of an earlier test that are about to end."""
    return {*threading.enumerate()}


async def eventually(holds: Callable[[], object], within: float = 60.0) -> None:
    """Wait until a condition holds; fail after `within` seconds."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 (a process or a descriptor sets no event)
            await asyncio.sleep(0.005)
