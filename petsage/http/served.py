"""Which handlers are a feature's: in an application that PetSage is attached to, others have theirs beside them."""

from aiohttp.typedefs import Handler

_MARK = "petsage_served"


def mark_served(handler: Handler) -> Handler:
    """Mark a function as the handler of a feature's route, and return it."""
    setattr(handler, _MARK, True)
    return handler


def served(handler: object) -> bool:
    """Say whether a route's handler is a feature's."""
    return getattr(handler, _MARK, False) is True
