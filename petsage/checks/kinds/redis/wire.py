"""Redis' protocol as far as a check needs it: simple strings and errors, a line each.

https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import Stream
from petsage.checks.sdk.texts import Masker, guess_protocol

_MAX_LINE = 4096
_ANSWERS = b"+OK", b"+PONG"

# Errors about who asks: they prove that somebody answers.
_LOGIN_ERRORS = ("-NOAUTH", "-NOPERM", "-WRONGPASS")


async def send_command(stream: Stream, *words: str) -> str:
    """Send a command and return the line of the answer: `+OK`, `+PONG` or an error, which begins with `-`."""
    parts = [word.encode() for word in words]
    await stream.send(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts))
    line = await _read_line(stream)
    if line not in _ANSWERS and (not line.startswith(b"-") or not line[1:2].isupper()):
        raise not_redis(stream, line)
    return line.decode(errors="replace")


async def ping(stream: Stream, masker: Masker, *, logged_in: bool) -> None:
    """Fail unless the server answers PING by PONG, or by asking for a password where none was given."""
    answer = await send_command(stream, "PING")
    if answer == "+OK":
        raise not_redis(stream, answer.encode())
    require_success(answer, masker, logged_in=logged_in)


def require_success(answer: str, masker: Masker, *, logged_in: bool) -> None:
    """Fail on an error, unless it is about who asks and nobody has logged in."""
    if not answer.startswith("-") or (answer.startswith(_LOGIN_ERRORS) and not logged_in):
        return
    code = Code.DENIED if answer.startswith("-NOPERM") else Code.CONTENT
    raise server_error_reason(answer[1:]) or CheckFailed(masker.first_line(answer[1:]), code=code)


def server_error_reason(message: str) -> CheckFailed | None:
    """Return what to raise for an error that is known to be the server's own."""
    if message.startswith("LOADING") or "is loading the dataset" in message:
        return CheckFailed("starting up: loading its data", code=Code.STARTING)
    if message.startswith("DENIED"):
        return CheckFailed("protected mode: it answers its own host only", code=Code.DENIED)
    if "max number of clients" in message:
        return CheckFailed("too many connections", code=Code.FULL)
    return None


def not_redis(stream: Stream, line: bytes) -> CheckFailed:
    """Return what to raise when no Redis server answers like this."""
    said = f"{stream.where} is not a Redis server: it answered {guess_protocol(line)}"
    return CheckFailed(said, code=Code.PROTOCOL)


async def _read_line(stream: Stream) -> bytes:
    data = bytearray(await stream.receive_some(1))
    while b"\n" not in data and len(data) < _MAX_LINE:
        more = await stream.receive()
        if not more:
            raise stream.truncated() if data[:1] in b"+-" else not_redis(stream, bytes(data))
        data += more
    return bytes(data).partition(b"\r\n")[0]
