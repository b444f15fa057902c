"""The part of Redis' protocol that a check needs: simple strings and errors, one line each.

https://redis.io/docs/latest/develop/reference/protocol-spec/

redis-py is not used: it reads a string of two gigabytes into memory when a server announces one, and the received
bytes cannot be limited.
"""

from petsage.checks.kinds.redis.errors import command_failure, is_about_login, login_failure
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import Stream
from petsage.checks.sdk.servers import Login
from petsage.checks.sdk.texts import Masker, guess_protocol

_MAX_LINE = 4096
_SUCCESS = b"+OK", b"+PONG"


async def send_command(stream: Stream, *words: str) -> str:
    """Send a command, and return the line of its answer: `+OK`, `+PONG` or an error, which begins with `-`.

    Raises:
        CheckFailed: The connection breaks, or the answer is not Redis'.
    """
    parts = [word.encode() for word in words]
    await stream.send(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts))
    line = await _read_line(stream)
    if line not in _SUCCESS and (not line.startswith(b"-") or not line[1:2].isupper()):
        raise not_redis(stream, line)
    return line.decode(errors="replace")


async def log_in(stream: Stream, login: Login, masker: Masker) -> None:
    """Send AUTH; raise `CheckFailed` unless the server accepts the login."""
    words = [word for word in (login.user, login.password) if word is not None]
    answer = await send_command(stream, "AUTH", *words)
    if answer == "+OK":
        return
    raise login_failure(answer[1:], masker) if answer.startswith("-") else not_redis(stream, answer.encode())


async def select(stream: Stream, database: int, masker: Masker, *, logged_in: bool) -> None:
    """Send SELECT; raise `CheckFailed` when there is no database of this number."""
    answer = await send_command(stream, "SELECT", str(database))
    if answer == "+PONG":
        raise not_redis(stream, answer.encode())
    require_success(answer, masker, logged_in=logged_in)


async def ping(stream: Stream, masker: Masker, *, logged_in: bool) -> None:
    """Send PING; raise `CheckFailed` unless the answer is PONG or, without a login, an error that requires one."""
    answer = await send_command(stream, "PING")
    if answer == "+OK":
        raise not_redis(stream, answer.encode())
    require_success(answer, masker, logged_in=logged_in)


def require_success(answer: str, masker: Masker, *, logged_in: bool) -> None:
    """Raise `CheckFailed` for an error, except for one about the login when there was none."""
    if not answer.startswith("-") or (is_about_login(answer[1:]) and not logged_in):
        return
    raise command_failure(answer[1:], masker)


def not_redis(stream: Stream, line: bytes) -> CheckFailed:
    """Return the failure for an answer that is not Redis'."""
    text = f"{stream.where} is not a Redis server: it answered {guess_protocol(line)}"
    return CheckFailed(text, code=Code.PROTOCOL)


async def _read_line(stream: Stream) -> bytes:
    data = bytearray(await stream.receive_some(1))
    while b"\n" not in data and len(data) < _MAX_LINE:
        more = await stream.receive()
        if not more:
            raise stream.truncated() if data[:1] in b"+-" else not_redis(stream, bytes(data))
        data += more
    return bytes(data).partition(b"\r\n")[0]
