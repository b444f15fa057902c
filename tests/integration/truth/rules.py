"""Rules of the servers' network: what comes for a port is dropped, or goes to another port."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from tests.integration.kinds.servers import Network


class Rules:
    """The rules of one network; every port has a table of its own."""

    def __init__(self, net: Network) -> None:
        self._net = net

    @asynccontextmanager
    async def dropping(self, ports: Iterable[int], protocol: str = "tcp") -> AsyncIterator[None]:
        """Drop whatever comes for the ports."""
        hook = "type filter hook input priority 0;"
        async with self._rules({port: f"{protocol} dport {port} drop" for port in ports}, hook):
            yield

    @asynccontextmanager
    async def redirecting(self, ports: Iterable[int], to: int) -> AsyncIterator[None]:
        """Let new connections to the ports reach another one of the same address."""
        hook = "type nat hook prerouting priority -100;"
        async with self._rules({port: f"tcp dport {port} redirect to :{to}" for port in ports}, hook):
            yield

    @asynccontextmanager
    async def _rules(self, rules: dict[int, str], hook: str) -> AsyncIterator[None]:
        await self._nft(
            f"add table ip p{port}; add chain ip p{port} c {{ {hook} }}; add rule ip p{port} c {rule}"
            for port, rule in rules.items()
        )
        try:
            yield
        finally:
            await self._nft(f"delete table ip p{port}" for port in rules)

    async def _nft(self, commands: Iterable[str]) -> None:
        argv = self._net.within(["nft", "; ".join(commands)])
        await asyncio.to_thread(subprocess.run, argv, check=True)
