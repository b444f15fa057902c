"""List, build and check features.

Each subcommand is a module.
"""

import argparse
from pathlib import Path
from types import ModuleType

from petsage.cli.feature import check, listing, new

COMMANDS: dict[str, tuple[ModuleType, str]] = {
    "list": (listing, "print name, origin, state and summary, and why a feature is in quarantine"),
    "new": (new, "build a feature from a request"),
    "check": (check, "examine a feature: import, set-up, start, API document, tests"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `feature`."""
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        command.add_argument("--config", type=Path, metavar="FILE", help="default: ./config.yml, else the defaults")
        module.add_arguments(command)
        command.set_defaults(command=module)


def run(options: argparse.Namespace) -> int:
    """Run the subcommand."""
    return int(options.command.run(options))
