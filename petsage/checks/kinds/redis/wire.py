"""Redis' protocol as far as a server speaks it to anybody: PING.

https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from petsage.checks.kinds._stream import Stream, connected
from petsage.checks.kinds._text import one_line, who_answered
from petsage.checks.model import CheckFailed

_PING = b"*1\r\n$4\r\nPING\r\n"
_LONGEST_LINE = 4096

# Errors that only prove that somebody answers.
_ASKS_WHO = (b"-NOAUTH", b"-NOPERM", b"-WRONGPASS")


async def speaks(host: str, port: int) -> None:
    """Fail unless the server answers PING by PONG or by asking for a password."""
    async with connected(host, port) as stream:
        await stream.send(_PING)
        line = await _line(stream)
    if line.startswith((b"+PONG", *_ASKS_WHO)):
        return
    if not line.startswith(b"-") or not line[1:2].isupper():
        raise CheckFailed(f"{stream.where} is not a Redis server: it answered {who_answered(line)}")
    raise CheckFailed(trouble(one_line(line[1:])))


def trouble(message: str) -> str:
    """Return the public reason for an error of the server."""
    if message.startswith("LOADING") or "is loading the dataset" in message:
        return "starting up: loading its data"
    if message.startswith("DENIED"):
        return "protected mode: it answers its own host only"
    if "max number of clients" in message:
        return "too many connections"
    return one_line(message)


async def _line(stream: Stream) -> bytes:
    data = await stream.receive_some(1)
    while b"\n" not in data and len(data) < _LONGEST_LINE and (more := await stream.receive()):
        data += more
    return data.partition(b"\r\n")[0]
