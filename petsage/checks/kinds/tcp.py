"""`tcp`: a port that accepts connections, and sends the expected greeting."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import Stream, open_stream
from petsage.checks.sdk.settings import Host, KindSchema, Port, Text
from petsage.checks.sdk.texts import elapsed_ms
from petsage.text import first_line

external = True


@dataclass(frozen=True, kw_only=True)
class Tcp:
    """Holds when `host` accepts a connection on `port`, and its first bytes are those of `expect`."""

    host: str
    port: int
    expect: str | None = None

    async def run(self) -> Mapping[str, object]:
        """Connect, read the greeting if one is expected, and disconnect."""
        started = perf_counter()
        async with open_stream(self.host, self.port) as stream:
            if self.expect:
                await _require_greeting(stream, self.expect)
        return {"latency_ms": elapsed_ms(started)}


async def _require_greeting(stream: Stream, expect: str) -> None:
    received, wanted = b"", expect.encode()
    while len(received) < len(wanted) and wanted.startswith(received):
        more = await stream.receive()
        if not more:
            raise CheckFailed(_closed(stream.where, received, expect), code=Code.CLOSED)
        received += more
    if not received.startswith(wanted):
        text = f"{stream.where} greets with '{first_line(received, 60)}', not '{expect}'"
        raise CheckFailed(text, code=Code.CONTENT)


def _closed(where: str, received: bytes, expect: str) -> str:
    if not received:
        return f"{where} closed the connection without an answer"
    return f"{where} closed the connection after '{first_line(received, 60)}', not '{expect}'"


class TcpSchema(KindSchema):
    """Settings of `tcp`."""

    check_class = Tcp

    host = Host(required=True)
    port = Port(required=True)
    expect = Text()


schema = TcpSchema()
