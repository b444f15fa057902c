"""Peers that misbehave: a program that listens on one port for each behaviour, `NAME=PORT …`."""

import asyncio
import socket
import struct
import sys
from contextlib import suppress

GREETING = b"220 mail.test ESMTP\r\n"
BANNER = b"SSH-2.0-Test_1.0\r\n"
DRIP_SECONDS = 0.1

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
    theirs, ours = await asyncio.open_connection("127.0.0.1", _meant(writer))
    asking = asyncio.ensure_future(_pass_on(reader, ours))
    try:
        while byte := await theirs.read(1):
            writer.write(byte)
            await writer.drain()
            await asyncio.sleep(DRIP_SECONDS)
    finally:
        asking.cancel()
        ours.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)


def _meant(writer: asyncio.StreamWriter) -> int:
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
