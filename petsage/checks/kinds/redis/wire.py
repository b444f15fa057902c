"""Redis' protocol as far as a check needs it: simple strings and errors, a line each.

https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from petsage.checks.kinds._hidden import Hidden
from petsage.checks.kinds._stream import Stream
from petsage.checks.kinds._text import who_answered
from petsage.checks.model import CheckFailed

_LONGEST_LINE = 4096

# Errors that only prove that somebody answers.
_ASKS_WHO = ("-NOAUTH", "-NOPERM", "-WRONGPASS")


async def ask(stream: Stream, *words: str) -> str:
    """Send a command and return the first line of the answer, which begins with `+` or `-`."""
    parts = [word.encode() for word in words]
    await stream.send(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts))
    line = await _line(stream)
    if not line.startswith((b"+OK", b"+PONG")) and (not line.startswith(b"-") or not line[1:2].isupper()):
        raise CheckFailed(f"{stream.where} is not a Redis server: it answered {who_answered(line)}")
    return line.decode(errors="replace")


async def ping(stream: Stream, hidden: Hidden) -> None:
    """Fail unless the server answers PING by PONG or by asking for a password."""
    answer = await ask(stream, "PING")
    if answer.startswith("+OK"):
        raise CheckFailed(f"{stream.where} is not a Redis server: it answered {who_answered(answer.encode())}")
    passable(answer, hidden)


def passable(answer: str, hidden: Hidden) -> None:
    """Fail on an error that is the server's own; others are about who asks, and prove that somebody answers."""
    if answer.startswith("-") and not answer.startswith(_ASKS_WHO):
        raise CheckFailed(trouble(answer[1:]) or hidden.line(answer[1:]))


def trouble(message: str) -> str | None:
    """Return the public reason for an error that is known to be the server's own."""
    if message.startswith("LOADING") or "is loading the dataset" in message:
        return "starting up: loading its data"
    if message.startswith("DENIED"):
        return "protected mode: it answers its own host only"
    if "max number of clients" in message:
        return "too many connections"
    return None


async def _line(stream: Stream) -> bytes:
    data = bytearray(await stream.receive_some(1))
    while b"\n" not in data and len(data) < _LONGEST_LINE and (more := await stream.receive()):
        data += more
    return bytes(data).partition(b"\r\n")[0]
