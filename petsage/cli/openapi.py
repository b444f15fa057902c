"""Print the API document of all features that can be set up, without starting anything."""

import argparse
import json
import logging
from pathlib import Path

from petsage import __version__
from petsage.app import rehearse
from petsage.configure import configure, found_config
from petsage.http import describe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./config.yml, else the defaults")


def run(options: argparse.Namespace) -> int:
    """Print JSON."""
    logging.basicConfig(level=logging.CRITICAL)
    app = rehearse(configure(found_config(options.config)))
    document = describe(app.router.routes(), title="PetSage", version=__version__)
    print(json.dumps(document, indent=2, ensure_ascii=False))
    return 0
