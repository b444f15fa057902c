"""Print a healthcheck that fits the configuration: for Compose, a Dockerfile, Kubernetes or Swarm."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from petsage.bootstrap import default_config_path
from petsage.checks import CheckSpec
from petsage.cli._arguments import MisuseError, configured, report_misuse
from petsage.cli._console import write
from petsage.cli._logging import set_up_logging
from petsage.manifests import DIALECTS, NotProbeableError, derive_timings, render_manifest
from petsage.smoke import check_specs

DESCRIPTION = """\
Print a healthcheck whose numbers follow from the configuration and fit
together: each has its reason beside it. Features are imported and set up for
their checks, and not started."""
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
    parser.add_argument("dialect", choices=DIALECTS, help="for whom")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./config.yml, else the defaults")


def run(options: argparse.Namespace) -> int:
    """Print the healthcheck."""
    set_up_logging(logging.CRITICAL)
    try:
        core = configured(default_config_path(options.config))
        specs = [*cast(Sequence[CheckSpec], core.specs()), *check_specs(core)]
        write(render_manifest(derive_timings(core.settings(), specs), options.dialect))
    except MisuseError as error:
        return report_misuse(error)
    except NotProbeableError as error:
        return report_misuse(MisuseError(f"petsage emit: {error}"))
    return 0
