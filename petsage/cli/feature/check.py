"""Examine a feature as the server would load it, and print the finding of each step."""

import argparse
import logging
import sys
from collections.abc import Iterable
from pathlib import Path

from petsage.bootstrap import default_config_path, load
from petsage.builder.examine import examine
from petsage.builder.findings import Finding
from petsage.builder.names import MAX_LENGTH
from petsage.cli._console import say, say_step
from petsage.cli._logging import set_up_logging
from petsage.runtime.discovery import BUILT_IN
from petsage.runtime.loader import Feature
from petsage.settings import suggest
from petsage.text import cut


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("name", metavar="NAME", help="the feature's name")


def run(options: argparse.Namespace) -> int:
    """Print a line for each step; return 1 when one has failed."""
    set_up_logging(logging.CRITICAL)
    loaded = load(default_config_path(options.config))
    feature = _named(options.name, loaded.features)
    if feature is None:
        hint = suggest(options.name, [feature.name for feature in loaded.features])
        name = repr(cut(options.name, MAX_LENGTH))
        say(f"there is no feature {name}{hint}: petsage feature list shows them", sys.stderr)
        return 1
    if not feature.enabled:
        say(f"{feature.name} is disabled in the configuration", sys.stderr)
        return 1
    say(f"{feature.name} ({feature.origin})")
    return _print(examine(feature, loaded, _path(feature), say_step))


def _named(name: str, features: Iterable[Feature]) -> Feature | None:
    """Return the feature of this name, preferably one that is enabled."""
    return max((one for one in features if one.name == name), key=lambda one: one.enabled, default=None)


def _path(feature: Feature) -> Path | None:
    path = Path(feature.origin)
    return path if feature.origin != BUILT_IN and path.is_file() else None


def _print(findings: Iterable[Finding]) -> int:
    failed = False
    for finding in findings:
        say(f"  {finding.outcome:<8}{finding.text}")
        if finding.details:
            say(finding.details.rstrip(), sys.stderr)
        failed = failed or finding.failed
    return 1 if failed else 0
