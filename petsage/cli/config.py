"""Check a configuration, or show all of its values."""

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml
from marshmallow import Schema

from petsage.bootstrap import Loaded, default_config_path, load
from petsage.cli._console import one_line, say, write_document
from petsage.settings import ConfigDraft, read
from petsage.settings.effective import effective
from petsage.untrusted import class_name

_ABSENT = "defaults (there is no ./config.yml)"
_ACTIONS = {
    "check": "print ok, or all mistakes, one per line",
    "show": "print every key with its value, defaults filled in and secrets masked",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `config`."""
    commands = parser.add_subparsers(dest="action", metavar="COMMAND", required=True)
    for name, summary in _ACTIONS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        command.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: ./config.yml, else defaults")


def run(options: argparse.Namespace) -> int:
    """Check or show a configuration; raise `ConfigError` with all mistakes."""
    file = default_config_path(options.file)
    loaded = load(file)
    name = _ABSENT if file is None else one_line(str(file))
    write_document(f"{name}: ok" if options.action == "check" else f"# {name}\n{_shown(loaded, file)}")
    for note in _unchecked(loaded):
        say(note, sys.stderr)
    return 0


def _unchecked(loaded: Loaded) -> Iterable[str]:
    for feature in loaded.features:
        if feature.error is not None:
            cause = class_name(feature.error)
            yield f"features.{feature.name}: not checked: the feature cannot be imported ({cause})"


def _check_schemas(draft: ConfigDraft) -> Mapping[str, Schema]:
    if not draft.names("checks"):
        return {}
    from petsage.checks.kinds import find_kinds  # noqa: PLC0415 (only checks need the kinds)

    kinds, checks = find_kinds(), {name: draft.raw(("checks", name)) for name in draft.names("checks")}
    return {name: kinds[check["kind"]].load().schema for name, check in checks.items() if check.get("kind") in kinds}


def _shown(loaded: Loaded, file: Path | None) -> str:
    own_schemas = {feature.name: feature.schema for feature in loaded.features if feature.error is None}
    draft = read(file)
    values = effective(loaded.core.settings(), own_schemas, draft, _check_schemas(draft))
    in_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    text: str = yaml.safe_dump(values, sort_keys=False, allow_unicode=in_unicode, width=1000)
    return text.rstrip("\n")
