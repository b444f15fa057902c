"""Print the API document.

It has all features that can be set up; nothing is started.
"""

import argparse
import json
import logging
import sys
from contextlib import redirect_stdout
from pathlib import Path

from petsage import __version__
from petsage.app import dry_run
from petsage.bootstrap import default_config_path, load
from petsage.cli._console import one_line, say
from petsage.cli._logging import set_up_logging
from petsage.http import describe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./config.yml, else the defaults")


def run(options: argparse.Namespace) -> int:
    """Print the document as JSON; return 1 when a required feature is missing in it."""
    set_up_logging(logging.CRITICAL)
    with redirect_stdout(sys.stderr):  # a feature may print something
        loaded = load(default_config_path(options.config))
        app = dry_run(loaded)
    document = describe(app.router.routes(), title="PetSage", version=__version__)
    print(json.dumps(document, indent=2, ensure_ascii=sys.stdout.encoding.lower() != "utf-8"))
    inventory = loaded.core.inventory()
    missing = [entry for required in (True, False) for entry in inventory.missing(required=required)]
    for entry in missing:
        reason = f"{entry.quarantine.step}: {entry.quarantine.reason}" if entry.quarantine else ""
        say(f"petsage: without the feature '{one_line(entry.name)}': {one_line(reason)}", sys.stderr)
    return int(bool(inventory.missing(required=True)))
