"""Logging in to Redis, with AUTH and SELECT.

redis-py would do, were it bounded: it reads a string of two gigabytes into memory because it was announced, and offers
no place between itself and the socket where that could be stopped.
"""

from petsage.checks.kinds._hidden import Hidden
from petsage.checks.kinds._login import Login
from petsage.checks.kinds._stream import Stream
from petsage.checks.kinds.redis.wire import ask, passable, trouble
from petsage.checks.model import CheckFailed

_WRONG = ("-WRONGPASS", "-ERR invalid password")
_NO_PASSWORD = ("without any password configured", "no password is set")
_ERROR_CODE = 20


async def log_in(stream: Stream, login: Login, hidden: Hidden) -> None:
    """Log in; fail unless the server lets the user in. Of an error of AUTH only the code is shown: it may quote."""
    words = [word for word in (login.user, login.password) if word is not None]
    answer = await ask(stream, "AUTH", *words)
    if answer.startswith("+"):
        return
    if answer.startswith(_WRONG):
        raise CheckFailed("wrong password")
    if any(text in answer for text in _NO_PASSWORD):
        raise CheckFailed("wrong password: none is set there")
    code = hidden.line(answer[1:].partition(" ")[0], _ERROR_CODE)
    raise CheckFailed(trouble(answer[1:]) or f"AUTH failed: {code}")


async def select(stream: Stream, database: int, hidden: Hidden) -> None:
    """Choose a database; fail when there is none of this number."""
    passable(await ask(stream, "SELECT", str(database)), hidden)
