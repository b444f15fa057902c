"""Login to Redis, by AUTH and SELECT.

redis-py is not used: it reads a string of two gigabytes into memory when a server announces one, and the received
bytes cannot be limited.
"""

from petsage.checks.kinds.redis.errors import login_failure
from petsage.checks.kinds.redis.protocol import not_redis, require_success, send_command
from petsage.checks.sdk.connection import Stream
from petsage.checks.sdk.servers import Login
from petsage.checks.sdk.texts import Masker


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
