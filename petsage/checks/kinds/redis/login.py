"""Logging in to Redis, with AUTH and SELECT.

redis-py would do, were it bounded: it reads a string of two gigabytes into memory because it was announced, and offers
no place between itself and the socket where that could be stopped.
"""

from petsage.checks.kinds.redis.wire import not_redis, require_success, send_command, server_error_reason
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.connection import Stream
from petsage.checks.sdk.servers import Login
from petsage.checks.sdk.texts import Masker

_WRONG = ("-WRONGPASS", "-ERR invalid password")
_NO_PASSWORD = ("without any password configured", "no password is set")
_ERROR_CODE = 20


async def log_in(stream: Stream, login: Login, masker: Masker) -> None:
    """Log in; fail unless the server lets the user in. Of an error of AUTH only the code is shown: it may quote."""
    words = [word for word in (login.user, login.password) if word is not None]
    answer = await send_command(stream, "AUTH", *words)
    if answer == "+OK":
        return
    raise _refusal(answer, masker) if answer.startswith("-") else not_redis(stream, answer.encode())


async def select(stream: Stream, database: int, masker: Masker, *, logged_in: bool) -> None:
    """Choose a database; fail when there is none of this number."""
    answer = await send_command(stream, "SELECT", str(database))
    if answer == "+PONG":
        raise not_redis(stream, answer.encode())
    require_success(answer, masker, logged_in=logged_in)


def _refusal(answer: str, masker: Masker) -> CheckFailed:
    if answer.startswith(_WRONG):
        return CheckFailed("wrong password", code=Code.LOGIN)
    if any(text in answer for text in _NO_PASSWORD):
        return CheckFailed("no password is set there, and this check gives one", code=Code.LOGIN)
    code = masker.first_line(answer[1:].partition(" ")[0], _ERROR_CODE)
    return server_error_reason(answer[1:]) or CheckFailed(f"AUTH failed: {code}", code=Code.LOGIN)
