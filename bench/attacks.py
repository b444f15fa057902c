"""Hostile clients, and a probe beside them: `python -m bench.attacks ATTACK PORT` goes on until it is killed.

Only the standard library is used, and each attack runs in a process of its own: its work must not delay the probes.
"""

import asyncio
import contextlib
import math
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

UNDER_WAY = "under way"
_ROOT = Path(__file__).parents[1]
_HEAD = b"Host: x\r\n"
_PROBE = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
_RETRY_SECONDS = 0.02


class Attack(NamedTuple):
    """A number of clients that send `first`, then `more` every `every` seconds, and read no answers.

    When the server closes a connection, its client opens another one. With `hurried` it does so by itself, too, as
    soon as `first` is sent: when an answer has come if it `waits` for one, otherwise at once.
    """

    clients: int
    first: bytes = b""
    more: bytes = b""
    every: float = 1.0
    waits: bool = True
    hurried: bool = False


ATTACKS = {
    "idle": Attack(400),
    "kept alive": Attack(400, b"GET /livez HTTP/1.1\r\n" + _HEAD + b"\r\n"),
    "dripping heads": Attack(400, b"GET /livez HTTP/1.1\r\n", b"a"),
    "dripping request lines": Attack(400, b"GET /", b"a"),
    "dripping bodies": Attack(400, b"GET /livez HTTP/1.1\r\n" + _HEAD + b"Content-Length: 9999\r\n\r\n", b"a"),
    "unread answers": Attack(100, (b"GET /openapi.json HTTP/1.1\r\n" + _HEAD + b"\r\n") * 500),
    "connections": Attack(50, hurried=True, waits=False),
    "malformed lines": Attack(10, b"GET /\0 HTTP/1.1\r\n\r\n", hurried=True),
    "long malformed lines": Attack(10, b"a.a@" * 16_000 + b"\r\n\r\n", hurried=True),
    "malformed heads": Attack(10, b"GET /livez HTTP/1.1\r\n" + b"a" * 60_000, hurried=True),
    "heads without end": Attack(
        100, b"GET /livez HTTP/1.1\r\n" + _HEAD + (b"a: " + b"b" * 8000 + b"\r\n") * 100, hurried=True
    ),
    "HTTP/0.9": Attack(10, b"GET /livez\r\n", hurried=True),
    "HTTP/2": Attack(10, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", hurried=True),
    "malformed chunks": Attack(
        10, b"POST /livez HTTP/1.1\r\n" + _HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n" * 4000, 0.0
    ),
}


class Probed(NamedTuple):
    """Results of probes: the sorted milliseconds of each, and the errors of those without a 200 in time."""

    took: list[float]
    failed: list[str]

    def percentile(self, percent: float) -> float:
        """Return a percentile of the milliseconds."""
        return self.took[max(0, math.ceil(len(self.took) * percent / 100) - 1)]


def probe(port: int, *, seconds: float, every: float = 0.05, within: float = 1.0) -> Probed:
    """Request `/livez` repeatedly, each time over a new connection."""
    took, failed, end = [], [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            answer = _ask(port, began + within)
        except OSError as error:
            failed.append(f"{error!r} after {time.monotonic() - began:.3f} s")
        else:
            if not answer.startswith(b"HTTP/1.1 200 "):
                failed.append(f"{answer[:40]!r}")
        took.append((time.monotonic() - began) * 1000)
        time.sleep(max(0.0, began + every - time.monotonic()))
    return Probed(sorted(took), failed)


@contextmanager
def attacking(name: str, port: int) -> Iterator[None]:
    """Attack until the block ends; it starts when all clients of the attack have tried to connect."""
    command = [sys.executable, "-m", "bench.attacks", name, str(port)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or process.stdout.readline().strip() != UNDER_WAY:
                raise OSError(f"{name} did not begin")
            yield
        finally:
            process.kill()


async def attack(name: str, port: int) -> None:
    """Attack until cancelled."""
    kind = ATTACKS[name]
    tried = [asyncio.Event() for _ in range(kind.clients)]
    clients = [asyncio.create_task(_go_on(kind, port, event)) for event in tried]
    await asyncio.gather(*(event.wait() for event in tried))
    print(UNDER_WAY, flush=True)
    await asyncio.gather(*clients)


async def _go_on(kind: Attack, port: int, tried: asyncio.Event) -> None:
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await _be_hostile(kind, reader, writer, tried)
            finally:
                tried.set()
                writer.transport.abort()
        tried.set()
        await asyncio.sleep(0 if kind.hurried else _RETRY_SECONDS)


async def _be_hostile(
    kind: Attack, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tried: asyncio.Event
) -> None:
    writer.write(kind.first)
    tried.set()
    if kind.hurried:
        if kind.waits:
            await reader.read(100)
        return
    while not writer.transport.is_closing() and not reader.at_eof():
        await asyncio.sleep(kind.every)
        writer.write(kind.more)
        await writer.drain()


def _ask(port: int, end: float) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=max(0.001, end - time.monotonic())) as client:
        client.sendall(_PROBE)
        answer = b""
        while b"\r\n\r\n" not in answer:
            client.settimeout(max(0.001, end - time.monotonic()))
            data = client.recv(65536)
            if not data:
                break
            answer += data
        return answer


if __name__ == "__main__":
    asyncio.run(attack(sys.argv[1], int(sys.argv[2])))
