"""Log lines of a command that is no server: only what is bad, on standard error, as text for people."""

import logging

from petsage.log_format import Redacting, TextFormatter


def set_up_logging(level: int) -> None:
    """Send messages from `level` up to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(TextFormatter("%(message)s")))
    logging.basicConfig(level=level, handlers=[handler])
