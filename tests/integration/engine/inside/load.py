"""Load on a server until it refuses: run inside a container, next to the one that is stopped.

`python load.py HOST CONNECTIONS` prints "loaded" once it is under way, and at the end a JSON object: how many requests
were answered with 200, by path; the other statuses; and what was lost.
"""

import asyncio
import json
import sys
from collections import Counter

import aiohttp

PATHS = ("/smoke-test", "/slow")
ENOUGH = 20
"""Answers of each path before the server is stopped."""


class Load:
    """A number of clients that ask again as soon as they are answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answered: Counter[str] = Counter()
        self.refused: list[int] = []
        self.lost: list[str] = []
        self.under_way = asyncio.Event()

    async def run(self, connections: int) -> None:
        clients = [asyncio.create_task(self._client(PATHS[number % len(PATHS)])) for number in range(connections)]
        await self.under_way.wait()
        _say("loaded")
        await asyncio.gather(*clients)

    async def _client(self, path: str) -> None:
        timeout = aiohttp.ClientTimeout(total=20, sock_connect=2)
        async with aiohttp.ClientSession(self.url, timeout=timeout) as session:
            while True:
                try:
                    async with session.get(path) as answer:
                        await answer.read()
                except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                    return  # nothing was sent: the server has gone
                except (aiohttp.ClientError, OSError, TimeoutError) as error:
                    self.lost.append(f"{path}: {error!r}")
                    return
                self._note(path, answer.status)

    def _note(self, path: str, status: int) -> None:
        if status != 200:
            self.refused.append(status)
            return
        self.answered[path] += 1
        if min(self.answered[path] for path in PATHS) >= ENOUGH:
            self.under_way.set()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main() -> None:
    load = Load(f"http://{sys.argv[1]}:8080")
    await load.run(int(sys.argv[2]))
    _say(json.dumps({"answered": load.answered, "refused": load.refused, "lost": load.lost}))


if __name__ == "__main__":
    asyncio.run(main())
