"""Print a script that completes commands and options in a shell."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from petsage.cli import command_names, summary
from petsage.cli._arguments import MisuseError
from petsage.cli._console import say

SHELLS = ("bash", "zsh")
DESCRIPTION = """\
Print a script that completes commands and options. The script is complete: a
press of the tab key starts no Python. Needs shtab, of the extra cli."""
EPILOG = """\
examples:
  petsage completion bash > ~/.local/share/bash-completion/completions/petsage
  petsage completion zsh > ~/.zsh/functions/_petsage   (a folder of $fpath)"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("shell", choices=SHELLS)


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    try:
        import shtab  # noqa: PLC0415 (the extra `cli`)
    except ImportError:
        raise MisuseError("petsage completion: needs shtab: pip install petsage[cli]") from None
    say(shtab.complete(_whole_parser(), shell=options.shell).rstrip("\n"), sys.stdout)
    return 0


def _whole_parser() -> argparse.ArgumentParser:
    """Return a parser with all commands, for the completion script."""
    parser = argparse.ArgumentParser(prog="petsage")
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--traceback", action="store_true", help="show where an unexpected error came from")
    commands = parser.add_subparsers()
    for name in command_names():
        module = import_module(f"petsage.cli.{name}")
        command = commands.add_parser(name, help=summary(module.__doc__))
        module.add_arguments(command)
        _complete_files(command)
    return parser


def _complete_files(parser: argparse.ArgumentParser) -> None:
    """Mark the arguments that take a path, also those of subcommands."""
    from shtab import FILE  # noqa: PLC0415 (the extra `cli`)

    for action in parser._actions:  # noqa: SLF001 (argparse has no public list of actions; shtab reads the same one)
        if action.type is Path:
            vars(action)["complete"] = FILE
        for command in action.choices.values() if isinstance(action.choices, dict) else ():
            _complete_files(command)
