"""Print a healthcheck that fits this configuration.

It can be one for Compose, a Dockerfile, Kubernetes or Swarm.
"""

import argparse
import logging
from pathlib import Path

from petsage.bootstrap import default_config_path
from petsage.cli._arguments import MisuseError, load_or_misuse
from petsage.cli._console import write
from petsage.cli._logging import set_up_logging
from petsage.manifests import DIALECTS, NotProbeableError, derive_timings, render_manifest
from petsage.smoke import check_specs

DESCRIPTION = """\
Print a healthcheck whose numbers are derived from the configuration. Each has
a comment with its reason. Features are imported and set up for their checks,
but not started."""
EPILOG = """\
examples:
  petsage emit compose > health.yml
  docker compose -f docker-compose.yml -f health.yml up --wait
  petsage emit kubernetes > health.yml
  kubectl patch deployment petsage --patch-file health.yml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("dialect", choices=DIALECTS, help="the format")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./config.yml, else the defaults")


def run(options: argparse.Namespace) -> int:
    """Print the healthcheck."""
    set_up_logging(logging.CRITICAL)
    loaded = load_or_misuse(default_config_path(options.config))
    specs = [*loaded.core.declared_checks(), *check_specs(loaded)]
    try:
        manifest = render_manifest(derive_timings(loaded.core.settings(), specs), options.dialect)
    except NotProbeableError as error:
        raise MisuseError(f"petsage emit: {error}") from None
    write(manifest)
    return 0
