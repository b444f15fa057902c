"""Print a script that completes commands and options in a shell."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from petsage.cli import COMMANDS
from petsage.cli._arguments import MisuseError, report_misuse
from petsage.cli._console import say

SHELLS = ("bash", "zsh")
DESCRIPTION = """\
Print a script that completes commands and options. It is made once: a press
of the tab key starts no Python. Made by shtab, of the extra cli."""
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
        return report_misuse(MisuseError("petsage completion: needs shtab: pip install petsage[cli]"))
    say(shtab.complete(_whole_parser(), shell=options.shell).rstrip("\n"), sys.stdout)
    return 0


def _whole_parser() -> argparse.ArgumentParser:
    """Build the parser with every command in it."""
    parser = argparse.ArgumentParser(prog="petsage")
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("--traceback", action="store_true", help="show where an unexpected error came from")
    commands = parser.add_subparsers()
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary)
        import_module(f"petsage.cli.{name}").add_arguments(command)
        _complete_files(command)
    return parser


def _complete_files(parser: argparse.ArgumentParser) -> None:
    """Mark what takes a path, in the commands below as well."""
    from shtab import FILE  # noqa: PLC0415 (the extra `cli`)

    for action in parser._actions:  # noqa: SLF001 (argparse shows its actions to nobody, and shtab reads them there)
        if action.type is Path:
            vars(action)["complete"] = FILE
        for command in action.choices.values() if isinstance(action.choices, dict) else ():
            _complete_files(command)
