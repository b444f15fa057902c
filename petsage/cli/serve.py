"""Run the server."""

import argparse
import signal
import sys
from dataclasses import replace
from pathlib import Path

from petsage.quick_start import settle  # isort: skip (before whatever imports marshmallow)

from petsage.bootstrap import default_config_path, load_core
from petsage.cli._console import say
from petsage.cli._signals import interrupt_on
from petsage.server import serve
from petsage.server.logging import set_up_logging
from petsage.server.sockets import ListenError, bind
from petsage.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./config.yml, else the defaults")
    parser.add_argument("--host", help="overrides server.host")
    parser.add_argument("--port", type=_port, help="overrides server.port; 0 picks a free one")


def run(options: argparse.Namespace) -> int:
    """Serve until a signal ends it, and return the exit status."""
    interrupt_on(signal.SIGTERM)  # until the event loop handles it
    core = load_core(default_config_path(options.config))
    settings = _overridden(core.settings(), options)
    core.settings.override(settings)
    core.lifecycle().subscribe(lambda _: settle())
    set_up_logging(settings.log)
    try:
        return serve(core, bind(settings.server))
    except ListenError as error:
        say(f"petsage: {error}", sys.stderr)
        return 1


def _overridden(settings: Settings, options: argparse.Namespace) -> Settings:
    given = {key: value for key in ("host", "port") if (value := getattr(options, key)) is not None}
    if not given:
        return settings
    return replace(settings, server=settings.server._replace(unix_socket=None, **given))


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:  # noqa: PLR2004 (the largest port, RFC 9293)
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)
