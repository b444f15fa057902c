"""The command line. Each public module or package of this one is a command, with `add_arguments` and `run`.

A command is found by its name, and imported when it is run.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from petsage import __version__
from petsage.cli._arguments import MisuseError, report_misuse
from petsage.cli._logging import set_hooks
from petsage.cli._signals import interrupted_by, report_interruption

_FOLDER = Path(__file__).parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 for success, 1 for failure, 2 for misuse, 130 for an interruption."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if argv is None:  # the process runs this command and nothing else
        set_hooks()
    try:
        status = _status(arguments)
    except SystemExit:  # argparse has written its message
        if failed := _flushed(0):
            return failed
        raise
    return _flushed(status)


def _status(arguments: Sequence[str]) -> int:
    try:
        with interrupted_by(signal.SIGTERM):
            options = _parser(arguments).parse_args(arguments)
            return int(options.run(options))
    except KeyboardInterrupt:
        return report_interruption()
    except MisuseError as error:
        return report_misuse(error)
    except BrokenPipeError:
        return _discard_output()
    except Exception as error:
        if "--traceback" in arguments:
            raise
        return _explain(error)


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser. Only the command that is named is imported; where it comes first, the others are left out."""
    names = command_names()
    chosen = next((word for word in arguments if word in names), None)
    parser = _Parser(prog="petsage", description="A server whose features are dropped in.")
    parser.add_argument("--version", action="version", version=f"petsage {__version__}")
    parser.add_argument("--traceback", action="store_true", help="show where an unexpected error came from")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in names if chosen is None or arguments[0] != chosen else (chosen,):
        if name == chosen:
            module = import_module(f"petsage.cli.{name}")
            text = summary(module.__doc__)
            command = commands.add_parser(name, help=text, description=text)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
        else:
            commands.add_parser(name, help=read_summary(name))
    return parser


def command_names() -> Sequence[str]:
    """Return the names of all commands, sorted; nothing is imported."""
    names = (entry.removesuffix(".py") for entry in os.listdir(_FOLDER))  # noqa: PTH208 (names are enough)
    return sorted(name for name in names if name.isidentifier() and not name.startswith("_"))


def read_summary(name: str) -> str:
    """Return the summary of a command, read from its source: `--help` imports no command."""
    import ast  # noqa: PLC0415 (only `--help` and mistakes need it)

    module = _FOLDER / f"{name}.py"
    file = module if module.exists() else _FOLDER / name / "__init__.py"
    return summary(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))))


def summary(docstring: str | None) -> str:
    """Return the first line of a docstring as the help of a command."""
    first = (docstring or "").strip().partition("\n")[0].removesuffix(".")
    return (first[:1].lower() + first[1:]).replace("%", "%%")


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are cut, and have control characters escaped."""

    def error(self, message: str) -> NoReturn:
        from petsage.cli._console import one_line  # noqa: PLC0415 (only an error needs it)

        super().error(one_line(message))


def _explain(error: Exception) -> int:
    from petsage.cli._console import MAX_LINES, one_line, say, write  # noqa: PLC0415 (only an error needs it)
    from petsage.settings import ConfigError  # noqa: PLC0415 (the same)
    from petsage.untrusted import class_name, description  # noqa: PLC0415 (the same)

    if isinstance(error, ConfigError):
        write("\n".join(map(str, error.mistakes[:MAX_LINES])), sys.stderr)
    else:
        hint = "petsage --traceback … shows where"
        say(f"petsage: unexpected {class_name(error)}: {one_line(description(error))} ({hint})", sys.stderr)
    return 1


def _flushed(status: int) -> int:
    """Flush standard output, and return `status`, or 1 where it was 0 and the output cannot be written."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        failed = _discard_output()
        if status == 0:
            return failed if isinstance(error, BrokenPipeError) else _explain(error)
    return status


def _discard_output() -> int:
    """Discard further output, at exit too, since its reader is gone; return the exit status."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
