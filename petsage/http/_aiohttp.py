"""Private names of aiohttp: the only module that uses them, looked for once, with a plainer fallback for each."""

from aiohttp import web, web_response

_STATE = ("_request_in_progress", "_messages")
HAS_STATE = all(hasattr(web.RequestHandler, name) for name in _STATE)
"""Whether a connection says which requests it has; without it, what `Connection` sees itself has to do."""

_SOFTWARE = "SERVER_SOFTWARE"


def in_the_works(connection: web.RequestHandler) -> bool:
    """Return True while a request is handled there, or one has been read and waits for its turn."""
    return HAS_STATE and bool(getattr(connection, _STATE[0]) or getattr(connection, _STATE[1]))


def queued(connection: web.RequestHandler) -> int:
    """Return how many requests, or errors in place of them, have been read and wait for their turn."""
    return len(getattr(connection, _STATE[1])) if HAS_STATE else 0


def name_server(name: str) -> None:
    """Have every answer of this process carry this `Server` header, those made below all middlewares too."""
    vars(web_response)[_SOFTWARE] = name


def server_name() -> str:
    """Return the `Server` header of this process' answers."""
    return str(vars(web_response).get(_SOFTWARE, "PetSage"))
