"""Values on the command line."""

import argparse

from petsage.fields import Duration, ValidationError


def duration(text: str) -> float:
    """Read a length of time such as `250ms` or `1m30s`; return seconds, above 0."""
    try:
        seconds = Duration().deserialize(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError("; ".join(map(str, error.messages))) from None
    if not seconds:
        raise argparse.ArgumentTypeError("must be longer than 0")
    return float(seconds)
