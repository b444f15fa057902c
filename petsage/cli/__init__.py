"""The command line: one module a command, imported when it is asked for."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from petsage import __version__
from petsage.cli._logging import set_hooks

COMMANDS = {
    "serve": "run the server",
    "config": "check a configuration, or show what it amounts to",
    "feature": "list, build and check features",
    "openapi": "print the API document",
    "wait": "wait until servers, or the checks of a configuration, are ready",
    "smoke": "run all checks once, without a server, and report",
    "emit": "print a healthcheck that fits this configuration",
    "completion": "print a script that completes commands and options in a shell",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 done, 1 it did not work, 2 misuse."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if argv is None:  # the process is ours
        set_hooks()
    try:
        status = _status(arguments)
    except SystemExit:  # argparse has said what it had to say
        if failed := _written(0):
            return failed
        raise
    return _written(status)


def _status(arguments: Sequence[str]) -> int:
    try:
        if os.getpid() == 1:  # the kernel drops signals that PID 1 has no handler for
            signal.signal(signal.SIGTERM, _interrupt)
        options = _parser(arguments).parse_args(arguments)
        return int(options.run(options))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _lost_reader()
    except Exception as error:
        if "--traceback" in arguments:
            raise
        return _explain(error)


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Build the parser; a command that comes first is all that it needs to know, and the only one that is imported."""
    chosen = next((word for word in arguments if word in COMMANDS), None)
    parser = _Parser(prog="petsage", description="A server whose features are dropped in.")
    parser.add_argument("--version", action="version", version=f"petsage {__version__}")
    parser.add_argument("--traceback", action="store_true", help="show where an unexpected error came from")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS if chosen is None or arguments[0] != chosen else (chosen,):
        command = commands.add_parser(name, help=COMMANDS[name], description=COMMANDS[name])
        if name == chosen:
            module = import_module(f"petsage.cli.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser


class _Parser(argparse.ArgumentParser):
    """Does not repeat to a terminal what it would obey, nor all of a long argument."""

    def error(self, message: str) -> NoReturn:
        from petsage.cli._console import one_line  # noqa: PLC0415 (needed only when something went wrong)

        super().error(one_line(message))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _explain(error: Exception) -> int:
    from petsage.cli._console import MAX_LINES, one_line, say, write  # noqa: PLC0415 (needed only when something went wrong)
    from petsage.settings import ConfigError  # noqa: PLC0415 (the same)

    if isinstance(error, ConfigError):
        write("\n".join(map(str, error.mistakes[:MAX_LINES])), sys.stderr)
    else:
        hint = "petsage --traceback … shows where"
        say(f"petsage: unexpected {type(error).__name__}: {one_line(str(error))} ({hint})", sys.stderr)
    return 1


def _written(status: int) -> int:
    """Write what is buffered; return 1 where that fails and all was well before, and `status` otherwise."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        lost = _lost_reader()
        if status == 0:
            return lost if isinstance(error, BrokenPipeError) else _explain(error)
    return status


def _lost_reader() -> int:
    """Whoever read our output has gone: say nothing more, not at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
