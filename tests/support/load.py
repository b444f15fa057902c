"""Constant load by clients with persistent connections, and the result of each request."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count

ANSWER_WITHIN = 20.0


class Load:
    """A number of clients that send the next request as soon as they have an answer.

    `answered` counts the answers of status 200 by their bodies; `failed` has all else. A client that lost its
    connection opens a new one. `pause` is the seconds that a client waits before the next request.
    """

    def __init__(self, port: int, path: str, pause: float = 0.0) -> None:
        self.answered: Counter[str] = Counter()
        self.failed: list[str] = []
        self._port = port
        self._pause = pause
        self._request = f"GET {path} HTTP/1.1\r\nHost: petsage\r\n\r\n".encode()
        self._changed = asyncio.Event()
        self._over = False

    async def until(self, holds: Callable[[], object], within: float = 60.0) -> None:
        """Wait until `holds()` is true; it is called after each answer."""
        try:
            async with asyncio.timeout(within):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {within:g} s: {self.answered}, {self.failed[:5]}") from None

    async def more(self, requests: int, of: str | None = None) -> None:
        """Wait until so many more requests are answered: all, or those with one body."""
        wanted = self._count(of) + requests
        await self.until(lambda: self._count(of) >= wanted)

    def end(self) -> None:
        self._over = True

    async def run(self, clients: int) -> None:
        """Send requests until `end` is called."""
        await asyncio.gather(*(self._client() for _ in range(clients)))

    def _count(self, of: str | None) -> int:
        return self.answered.total() if of is None else self.answered[of]

    async def _client(self) -> None:
        while not self._over:
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except (OSError, TimeoutError) as error:
                self._note(f"connecting: {error!r}")
                await asyncio.sleep(0.05)
                continue
            await self._send_requests(reader, writer)
            writer.close()

    async def _send_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in count():
            if self._over:
                return
            try:
                writer.write(self._request)
                async with asyncio.timeout(ANSWER_WITHIN):
                    status, keep_alive, body = await _answer(reader)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                self._note(f"request {number} of a connection: {error!r}")
                return
            self._note(None if status == 200 else f"{status} {body}", body)
            if not keep_alive:
                return
            await asyncio.sleep(self._pause)

    def _note(self, failure: str | None, body: str = "") -> None:
        if failure is None:
            self.answered[body] += 1
        else:
            self.failed.append(failure)
        self._changed.set()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool, str]:
    """Read one complete answer; return its status, whether the connection is kept alive, and its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    first, *lines = head.rstrip().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines)
    length = fields.get("content-length")
    body = await (reader.read() if length is None else reader.readexactly(int(length)))
    return int(first.split()[1]), length is not None and fields.get("connection") != "close", body.decode()


@asynccontextmanager
async def load_on(port: int, path: str, clients: int = 8, pause: float = 0.0) -> AsyncIterator[Load]:
    """Load a port of the loopback until the block ends; in the end every request has been answered or has failed."""
    load = Load(port, path, pause)
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(clients))
        try:
            yield load
        finally:
            load.end()
