"""Run all checks once, without a server, and report.

This is the smoke test of a stack in a pipeline.
"""

import argparse
import logging
import stat
from pathlib import Path

from petsage.bootstrap import Loaded, default_config_path
from petsage.cli._arguments import MisuseError, duration, load_or_misuse
from petsage.cli._console import one_line, write, write_whole
from petsage.cli._logging import set_up_logging
from petsage.cli._progress import check_display
from petsage.runtime import event_loop
from petsage.runtime.discovery import BUILT_IN
from petsage.smoke import Report, Selection, SmokeRun, UnknownSelectionError
from petsage.smoke.reporters import FORMATS, render_report

DESCRIPTION = """\
Start the features as the server does, run every check of the configuration and
of the features, and report. No address is listened on. The checks and the
rules, and so the result, are those of the server.
Exits with 0 when all checks pass or warn; with 1 when one fails or is missing,
or when none was run; with 2 for misuse, for a configuration with mistakes and
when there is nothing to check; with 130 for Ctrl-C."""
EPILOG = """\
A check of severity degraded that fails is a warning. The check `features`
fails when a required feature is not served.

examples:
  petsage smoke --retry-for 30s
  petsage smoke --only db cache --strict
  petsage smoke --format junit --output smoke.xml"""

_NOTHING = (
    "petsage smoke: there is nothing to check: no ./config.yml, no feature in ./features, and none installed; "
    "name a configuration with --config FILE"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./config.yml, else the defaults")
    many = {"nargs": "+", "action": "extend", "metavar": "NAME"}
    parser.add_argument("--only", **many, help="run only these checks")  # type: ignore[arg-type] # typeshed has no shape for these
    parser.add_argument("--exclude", **many, help="skip these checks")  # type: ignore[arg-type] # the same
    help_retry = "run failed checks again until they hold, at most for this time"
    parser.add_argument("--retry-for", type=duration, default=0.0, metavar="TIME", help=help_retry)
    parser.add_argument("--format", choices=FORMATS, default="text", help="junit needs the extra cli of petsage")
    help_output = "write the report to this file, completely or not at all; the text still goes to standard output"
    parser.add_argument("--output", type=Path, metavar="FILE", help=help_output)
    parser.add_argument("--strict", action="store_true", help="a warning fails as well")


def run(options: argparse.Namespace) -> int:
    """Run the checks; return 0 when all hold, 1 when one fails."""
    set_up_logging(logging.ERROR)
    _check_options(options)
    try:
        report = event_loop.run(_run_checks(options))
    except UnknownSelectionError as error:
        raise MisuseError(f"petsage smoke: {one_line(str(error))}") from None
    return _write_report(report, options)


def _check_options(options: argparse.Namespace) -> None:
    """Raise `MisuseError`, before anything is run, if the report would be empty or could not be written."""
    file = default_config_path(options.config)
    loaded = load_or_misuse(file)
    if file is None and not _has_own_features(loaded):
        raise MisuseError(_NOTHING)
    if options.format == "junit":
        try:
            import junitparser  # noqa: F401, PLC0415 (the extra `cli`)
        except ImportError:
            raise MisuseError("petsage smoke: --format junit needs junitparser: pip install petsage[cli]") from None
    if options.output is not None and (reason := _why_not_a_folder(options.output)):
        raise MisuseError(f"petsage smoke: --output: {reason}")


def _why_not_a_folder(file: Path) -> str:
    """Return why the parent of a file is not a folder; an empty text if it is one."""
    name = one_line(str(file.parent))
    try:
        is_folder = stat.S_ISDIR(file.absolute().parent.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        is_folder = False
    except OSError as error:
        return f"{name}: {error.strerror}"
    return "" if is_folder else f"there is no folder {name}"


def _has_own_features(loaded: Loaded) -> bool:
    return any(feature.origin != BUILT_IN for feature in loaded.features)


async def _run_checks(options: argparse.Namespace) -> Report:
    selection = Selection(options.only, options.exclude or ())
    smoke_run = SmokeRun(lambda: load_or_misuse(default_config_path(options.config)), selection, strict=options.strict)
    with check_display() as shown:
        return await smoke_run.run(options.retry_for, shown.follow if shown else lambda *_: None)


def _write_report(report: Report, options: argparse.Namespace) -> int:
    text = render_report(report, options.format, strict=options.strict)
    if options.output is None:
        write(text)
    else:
        try:
            write_whole(options.output, f"{text}\n")
        except OSError as error:
            name = one_line(str(options.output))
            raise MisuseError(f"petsage smoke: --output: {name}: {error.strerror or error}") from None
        write(render_report(report, "text", strict=options.strict))
    return 0 if report.passed(strict=options.strict) else 1
