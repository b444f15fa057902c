"""What Compose's and Swarm's files have in common."""

import json

from petsage.fields import format_duration
from petsage.manifests.timings import RETRIES, Timings


def healthcheck(fit: Timings, path: str) -> list[str]:
    """Return the lines of `healthcheck`; these files take a dollar sign for a variable's."""
    return [
        "healthcheck:",
        f"  test: {json.dumps(['CMD', 'petsage-probe', fit.url(path).replace('$', '$$')])}",
        f"  interval: {fit.interval}s  # {interval_reason(fit)}",
        f"  timeout: {fit.timeout}s  # {timeout_reason(fit)}",
        f"  retries: {RETRIES}  # {retries_reason(fit)}",
        f"  start_period: {fit.start_period}s  # {start_reason(fit)}",
    ]


def stop(fit: Timings) -> list[str]:
    """Return the line that gives a stop its time."""
    return [f"stop_grace_period: {fit.grace}s  # {grace_reason(fit)}"]


def interval_reason(fit: Timings) -> str:
    """Say why it is asked so often."""
    if not fit.slowest:
        return "a probe costs about 10 ms of CPU"
    return f"a probe costs about 10 ms of CPU; the slowest check tells of a failure within {fit.slowest} s"


def timeout_reason(fit: Timings) -> str:
    """Say why an answer may take so long."""
    return f"above petsage-probe's own deadline of {fit.probe} s, so that its line is kept"


def retries_reason(fit: Timings) -> str:
    """Say why one failure is none."""
    return f"one lost answer is no outage; a server that hangs is unhealthy within {fit.verdict_after} s"


def start_reason(fit: Timings) -> str:
    """Say why a start may take so long."""
    start = format_duration(fit.server.start_timeout)
    return f"above server.start_timeout ({start}) and the first results of the checks ({fit.first_result} s)"


def grace_reason(fit: Timings) -> str:
    """Say why a stop may take so long."""
    drain, shutdown = format_duration(fit.server.drain), format_duration(fit.server.shutdown)
    return f"above server.drain + server.shutdown ({drain} + {shutdown}) and what leaving takes"


def indented(lines: list[str], by: int) -> list[str]:
    """Indent lines."""
    return [f"{' ' * by}{line}" for line in lines]
