"""Logging in by redis-py, which retries ten times unless told not to."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from petsage.checks.kinds._reasons import place, reason, waiting
from petsage.checks.kinds._stream import connect
from petsage.checks.kinds.redis.wire import trouble
from petsage.checks.model import CheckFailed
from petsage.secret import Secret


async def answers(driver: Any, url: Secret, address: tuple[str, int]) -> None:
    """Fail unless the server lets in whom `url` names, and answers PING."""
    with _told(place(*address)):
        connection = _connection(driver, url, await _reachable(*address))
        try:
            with waiting(f"connected, but no complete answer from {place(*address)}"):
                await connection.connect()
                await connection.send_command("PING")
                await connection.read_response()
        finally:
            await connection.disconnect(nowait=True)


async def _reachable(host: str, port: int) -> str:
    """Return an address of the host that accepts connections, so that the driver resolves nothing."""
    with await connect(host, port) as sock:
        return str(sock.getpeername()[0])


def _connection(driver: Any, url: Secret, address: str) -> Any:
    from redis.asyncio.connection import parse_url  # noqa: PLC0415 (the driver is loaded by now)
    from redis.asyncio.retry import Retry  # noqa: PLC0415 (the driver is loaded by now)
    from redis.backoff import NoBackoff  # noqa: PLC0415 (the driver is loaded by now)

    options: dict[str, Any] = {**parse_url(url.reveal())}
    make = options.pop("connection_class", driver.Connection)
    if make is driver.Connection:  # TLS verifies the name, which the driver therefore has to resolve
        options["host"] = address
    # The monitor sets the time limit; with the driver's own, asyncio.wait_for of 3.11 may swallow a cancellation.
    options |= {"socket_timeout": None, "socket_connect_timeout": None, "protocol": 2}
    return make(**options, retry=Retry(NoBackoff(), 0))


@contextmanager
def _told(where: str) -> Iterator[None]:
    from redis.exceptions import (  # noqa: PLC0415 (the driver is loaded by now)
        AuthenticationError,
        NoPermissionError,
        RedisError,
        ResponseError,
    )

    try:
        yield
    except NoPermissionError:
        return  # let in, if not allowed to PING
    except AuthenticationError as error:
        if "uthentication required" not in str(error):  # which answers who sends no password, over TLS
            raise CheckFailed("wrong password") from None
    except ResponseError as error:
        raise CheckFailed(trouble(str(error))) from None
    except RedisError as error:
        raise CheckFailed(_reason(error, where)) from None
    except OSError as error:
        raise CheckFailed(reason(error, where)) from None


def _reason(error: Exception, where: str) -> str:
    beneath = error.__cause__ or error.__context__
    if isinstance(beneath, ssl.SSLError | OSError):
        return reason(beneath, where)
    text = trouble(str(error))
    return text if text != str(error) else f"{where} closed the connection"
