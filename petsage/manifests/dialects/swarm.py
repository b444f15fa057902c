"""Swarm, as a stack file: Swarm replaces unhealthy tasks, and routes requests to healthy ones.

External checks are excluded: while a database is down, Swarm would replace every replica, which repairs nothing.
"""

from urllib.parse import quote

from petsage.manifests.healthcheck import healthcheck, indented, stop_grace_period
from petsage.manifests.timings import Timings

_SLACK_SECONDS = 5


def render(timings: Timings) -> str:
    """Return a stack file that contains nothing else."""
    query = "&".join(f"exclude={quote(name)}" for name in timings.external)
    excluded = ", ".join(timings.external) or "none are configured"
    lines = [
        "# Swarm replaces unhealthy tasks, which repairs no database: external checks are excluded",
        f"# ({excluded}); a required feature in quarantine is not, so that a bad release is rolled back",
        *healthcheck(timings, f"/readyz{f'?{query}' if query else ''}"),
        *stop_grace_period(timings),
        *_deploy(timings),
    ]
    return "\n".join(["services:", "  petsage:", *indented(lines, 4)])


def _deploy(timings: Timings) -> list[str]:
    start, unhealthy = timings.start_period, timings.unhealthy_after
    reason = f"above start_period + (interval + timeout) x retries ({start} + {unhealthy} s)"
    return [
        "deploy:",
        "  update_config:",
        "    order: start-first  # the old task stops when the new one is healthy",
        "    parallelism: 1  # one at a time: a bad release reaches few",
        "    failure_action: rollback",
        f"    monitor: {start + unhealthy + _SLACK_SECONDS}s  # {reason}",
        "  rollback_config:",
        "    order: start-first",
        "    parallelism: 1",
    ]
