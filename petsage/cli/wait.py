"""Wait until servers, or the checks of a configuration, are ready."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from petsage.checks import CheckSpec
from petsage.cli._arguments import MisuseError, duration, load_or_misuse
from petsage.cli._console import one_line, say
from petsage.cli._logging import set_up_logging
from petsage.cli._progress import progress
from petsage.redaction import Secret
from petsage.runtime import event_loop
from petsage.wait import (
    ACCEPTED,
    DEFAULT_URL,
    ExpectedBuild,
    TargetError,
    TargetUrl,
    WaitOptions,
    WaitResult,
    explain_not_ready,
    parse_target,
    wait_for,
)

DESCRIPTION = """\
Request each URL again and again until all are ready at the same time.
Exits with 0 then; with 1 at the timeout, with the reason for each that is not
ready and what to look at next; with 2 for misuse, with 130 for Ctrl-C.

A URL is http://HOST[:PORT][/PATH], https://..., or unix:SOCKET[:/PATH];
without a path, /readyz is requested. A status from 200 to 299 is ready, unless
the response is JSON with a `status` of pending, fail, error, down, unhealthy,
out_of_service or critical. Proxies are not used and redirects not followed."""
EPILOG = """\
environment:
  PETSAGE_TOKEN   features.health.token of the servers, needed for
                  --expect-release; sent to /health of the URLs, nowhere else

examples:
  petsage wait
  petsage wait http://web:8080 http://api:8080/healthz --timeout 2m
  petsage wait --config config.yml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    help_urls = f"default: {DEFAULT_URL}, unless --config is given"
    parser.add_argument("urls", nargs="*", type=_target, metavar="URL", help=help_urls)
    parser.add_argument("--timeout", type=duration, default=60.0, metavar="TIME", help="give up after this (60s)")
    parser.add_argument("--interval", type=duration, default=0.25, metavar="TIME", help="time between requests (250ms)")
    help_for = "what is ready: pass alone, or warn as well (the default, and what orchestrators see)"
    parser.add_argument("--for", choices=[*ACCEPTED], default="warn", dest="accepted", help=help_for)
    parser.add_argument("--expect-version", metavar="V", help="only a server of this version is ready")
    parser.add_argument("--expect-release", metavar="R", help="the same for the release, such as an image's tag")
    help_config = "wait for the checks of a config.yml, run in this process; no server is needed, no feature loaded"
    parser.add_argument("--config", type=Path, metavar="FILE", help=help_config)


def run(options: argparse.Namespace) -> int:
    """Wait; return 0 when all are ready, 1 at the timeout."""
    return _wait(_wait_options(options))


def _wait_options(options: argparse.Namespace) -> WaitOptions:
    specs, targets = _specs(options.config), _targets(options)
    token = Secret(os.environ.get("PETSAGE_TOKEN", "").strip())
    build = ExpectedBuild(options.expect_version, options.expect_release, token)
    if not specs and not targets:
        raise MisuseError(f"petsage wait: {one_line(str(options.config))} has no checks to wait for")
    if build.expected() and not targets:
        raise MisuseError("petsage wait: --expect-version and --expect-release are about a URL, and none is given")
    return WaitOptions(
        urls=targets,
        specs=specs,
        accepted=ACCEPTED[options.accepted],
        build=build,
        timeout=options.timeout,
        interval=options.interval,
    )


def _wait(options: WaitOptions) -> int:
    set_up_logging(logging.ERROR)
    began = monotonic()
    with progress() as shown:
        result = event_loop.run(wait_for(options, shown.changed, shown.begin))
    _report(result, monotonic() - began)
    return 0 if result.ready else 1


def _report(result: WaitResult, seconds: float) -> None:
    if result.ready:
        say(f"ready after {seconds:.1f} s", sys.stderr)
        return
    say(f"not ready after {seconds:.1f} s:", sys.stderr)
    for line in explain_not_ready(result.states):
        say(one_line(line), sys.stderr)


def _specs(config: Path | None) -> Sequence[CheckSpec]:
    if config is None:
        return ()
    specs = load_or_misuse(config).core.declared_checks()
    return [spec for spec in specs if spec.enabled]


def _targets(options: argparse.Namespace) -> Sequence[TargetUrl]:
    if options.urls or options.config is not None:
        return [*options.urls]
    return [parse_target(DEFAULT_URL)]


def _target(text: str) -> TargetUrl:
    try:
        return parse_target(text)
    except TargetError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
