"""Peers that misbehave: a program that listens on one port for each behaviour, `NAME=PORT …`."""

import asyncio
import socket
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

GREETING = b"220 mail.test ESMTP\r\n"
BANNER = b"SSH-2.0-Test_1.0\r\n"
DRIP_SECONDS = 0.1
WITHHELD = 2  # bytes

_ORIGINAL_DESTINATION = 80  # SO_ORIGINAL_DST of linux/netfilter_ipv4.h


async def greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greet as a mail server does, and wait for the other to hang up."""
    writer.write(GREETING)
    await reader.read()


async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greet as an SSH server does."""
    writer.write(BANNER)
    await reader.read()


async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up at once, in an orderly way."""
    writer.write_eof()
    await reader.read()


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection when something has come, or nothing for a moment."""
    with suppress(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.05)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing."""
    while await reader.read(65536):
        pass


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what the server that was meant says, one byte after another."""
    async with _meant(reader, writer) as (answer, _):
        while byte := await answer.read(1):
            writer.write(byte)
            await writer.drain()
            await asyncio.sleep(DRIP_SECONDS)


async def cuts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on the first answer of the server that was meant but for its end, and hang up in an orderly way."""
    async with _meant(reader, writer) as (answer, hung_up):
        writer.write((await _first(answer))[:-WITHHELD])
        await asyncio.wait({hung_up}, timeout=DRIP_SECONDS)
        writer.write_eof()
        await hung_up


async def stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on the first answer of the server that was meant but for its end, which does not come."""
    async with _meant(reader, writer) as (answer, hung_up):
        writer.write((await _first(answer))[:-WITHHELD])
        await hung_up


async def _first(answer: asyncio.StreamReader) -> bytes:
    """Return what comes until nothing comes for a moment."""
    said = await answer.read(65536)
    with suppress(TimeoutError):
        while more := await asyncio.wait_for(answer.read(65536), 0.05):
            said += more
    return said


@asynccontextmanager
async def _meant(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> AsyncIterator[tuple[asyncio.StreamReader, "asyncio.Future[None]"]]:
    """Ask the server that was meant in the client's place; yield its answer, and what ends when the client leaves."""
    theirs, ours = await asyncio.open_connection("127.0.0.1", _port_meant(writer))
    asking = asyncio.ensure_future(_pass_on(reader, ours))
    try:
        yield theirs, asking
    finally:
        asking.cancel()
        ours.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)


def _port_meant(writer: asyncio.StreamWriter) -> int:
    address = writer.get_extra_info("socket").getsockopt(socket.SOL_IP, _ORIGINAL_DESTINATION, 16)
    return int(struct.unpack_from("!H", address, 2)[0])


def overrun(port: int) -> list[socket.socket]:
    """Listen, accept nothing, and fill the queue of those who wait to be accepted."""
    listener = socket.create_server(("0.0.0.0", port), backlog=0)
    waiting = [socket.socket() for _ in range(3)]
    for sock in waiting:
        sock.setblocking(False)  # noqa: FBT003 (the method's only way)
        sock.connect_ex(("127.0.0.1", port))
    return [listener, *waiting]


BEHAVIOURS = {
    "greets": greets,
    "other": other,
    "closes": closes,
    "resets": resets,
    "silent": silent,
    "drips": drips,
    "cuts": cuts,
    "stalls": stalls,
}


async def main(ports: dict[str, int]) -> None:
    """Serve until killed."""
    kept = [overrun(port) for name, port in ports.items() if name == "overrun"]
    servers = [await _serve(name, port) for name, port in ports.items() if name in BEHAVIOURS]
    await asyncio.Event().wait()
    del kept, servers


async def _serve(name: str, port: int) -> asyncio.Server:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await BEHAVIOURS[name](reader, writer)
        writer.close()

    return await asyncio.start_server(handle, "0.0.0.0", port)


if __name__ == "__main__":
    asyncio.run(main({name: int(port) for name, _, port in (word.partition("=") for word in sys.argv[1:])}))
