"""Run the server."""

import argparse
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from petsage.deferred_patterns import deferring


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./config.yml, else the defaults")
    parser.add_argument("--host", help="overrides server.host")
    parser.add_argument("--port", type=_port, help="overrides server.port; 0 picks a free one")


def run(options: argparse.Namespace) -> int:
    """Serve until a signal ends it, and return the exit status."""
    with _collection_paused(), deferring():
        from petsage.cli._console import say  # noqa: PLC0415 (with the garbage collector paused)
        from petsage.server.sockets import ListenError  # noqa: PLC0415 (the same)
        from petsage.server.startup import start  # noqa: PLC0415 (the same)
    try:
        return start(options.config, options.host, options.port)
    except ListenError as error:
        say(f"petsage: {error}", sys.stderr)
        return 1


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Pause the garbage collector while modules are imported, and exempt their objects from collection.

    Features are imported later, with the garbage collector enabled.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:  # noqa: PLR2004 (the largest port, RFC 9293)
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)
