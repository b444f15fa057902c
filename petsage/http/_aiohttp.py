"""Private names of aiohttp: the only module that uses them, looked for once, with a plainer fallback for each."""

from aiohttp import web, web_response

_STATE = ("_messages", "_task_handler", "_waiter")
HAS_STATE = all(hasattr(web.RequestHandler, name) for name in _STATE)
"""Whether a connection says which requests it has; without it, what `Connection` sees itself has to do."""

_SOFTWARE = "SERVER_SOFTWARE"


def in_the_works(connection: web.RequestHandler) -> bool:
    """Return True while a request is handled there, or one has been read and waits for its turn.

    A request that has just been taken from those that wait is handled only in the next turn of the event loop: what
    tells is that nobody waits for another.
    """
    if not HAS_STATE:
        return False
    messages, task, waiter = (getattr(connection, name) for name in _STATE)
    return bool(messages) or (task is not None and waiter is None)


def queued(connection: web.RequestHandler) -> int:
    """Return how many requests, or errors in place of them, have been read and wait for their turn."""
    return len(getattr(connection, _STATE[0])) if HAS_STATE else 0


def forget_frames(connection: web.RequestHandler) -> None:
    """Have the errors that wait for their turn hold nothing but what they say.

    Each refers to the frame that raised it, which has what was parsed, and which refers to the error: a quarter of a
    mebibyte that stays until a full garbage collection.
    """
    for message, _ in getattr(connection, _STATE[0]) if HAS_STATE else ():
        error = getattr(message, "exc", None)
        if isinstance(error, BaseException):
            error.__traceback__ = error.__context__ = None


def name_server(name: str) -> None:
    """Have every answer of this process carry this `Server` header, those made below all middlewares too."""
    vars(web_response)[_SOFTWARE] = name


def server_name() -> str:
    """Return the `Server` header of this process' answers."""
    return str(vars(web_response).get(_SOFTWARE, "PetSage"))
