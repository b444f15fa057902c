"""Lines that several dialects share, and the reason of each number."""

import json

from petsage.fields import format_duration
from petsage.manifests.timings import RETRIES, Timings


def healthcheck(timings: Timings, path: str) -> list[str]:
    """Return `healthcheck` of a Compose or stack file, in which a dollar sign is written twice."""
    return [
        "healthcheck:",
        f"  test: {json.dumps(['CMD', 'petsage-probe', timings.url(path).replace('$', '$$')])}",
        f"  interval: {timings.interval}s  # {explain_interval(timings)}",
        f"  timeout: {timings.timeout}s  # {explain_timeout(timings)}",
        f"  retries: {RETRIES}  # {explain_retries(timings)}",
        f"  start_period: {timings.start_period}s  # {explain_start(timings)}",
    ]


def stop_grace_period(timings: Timings) -> list[str]:
    """Return `stop_grace_period` of a Compose or stack file."""
    return [f"stop_grace_period: {timings.stop_grace}s  # {explain_grace(timings)}"]


def explain_interval(timings: Timings) -> str:
    """Return the reason of the interval between two probes."""
    if not timings.slowest_failure:
        return "a probe costs about 10 ms of CPU"
    return f"a probe costs about 10 ms of CPU; a failure of the slowest check shows within {timings.slowest_failure} s"


def explain_timeout(timings: Timings) -> str:
    """Return the reason of a probe's timeout."""
    return f"above petsage-probe's own timeout of {timings.probe_timeout} s, so that its output is kept"


def explain_retries(timings: Timings) -> str:
    """Return the reason for several attempts."""
    return f"one lost answer is not an outage; a server that hangs is unhealthy within {timings.unhealthy_after} s"


def explain_start(timings: Timings) -> str:
    """Return the reason of the time that a start may take."""
    start = format_duration(timings.server.start_timeout)
    return f"above server.start_timeout ({start}) and the first results of the checks ({timings.first_result} s)"


def explain_grace(timings: Timings) -> str:
    """Return the reason of the time that a stop may take."""
    drain, shutdown = format_duration(timings.server.drain), format_duration(timings.server.shutdown)
    return f"above server.drain + server.shutdown ({drain} + {shutdown}) and the exit of the process"


def indented(lines: list[str], by: int) -> list[str]:
    """Return the lines, each indented by so many spaces."""
    return [f"{' ' * by}{line}" for line in lines]
