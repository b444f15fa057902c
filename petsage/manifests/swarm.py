"""A stack file's part for Swarm, which kills and replaces what is unhealthy, and routes to what is healthy.

Hence a check that leaves the process is not asked about: while a database is down, every replica would be replaced.
"""

from urllib.parse import quote

from petsage.manifests.healthcheck import healthcheck, indented, stop
from petsage.manifests.timings import Timings

_SLACK = 5


def write(fit: Timings) -> str:
    """Return a stack file that holds nothing else."""
    query = "&".join(f"exclude={quote(name)}" for name in fit.outside)
    left_out = ", ".join(fit.outside) or "none are configured"
    lines = [
        "# Swarm replaces what is unhealthy, which mends no database: checks that leave the process are left out",
        f"# ({left_out}); a required feature in quarantine is not, so that a bad release rolls back",
        *healthcheck(fit, f"/readyz{f'?{query}' if query else ''}"),
        *stop(fit),
        *_deploy(fit),
    ]
    return "\n".join(["services:", "  petsage:", *indented(lines, 4)])


def _deploy(fit: Timings) -> list[str]:
    monitor = fit.start_period + fit.verdict_after + _SLACK
    reason = f"above start_period + (interval + timeout) x retries ({fit.start_period} + {fit.verdict_after} s)"
    return [
        "deploy:",
        "  update_config:",
        "    order: start-first  # the old task leaves when the new one is healthy",
        "    parallelism: 1  # one at a time: a bad release meets few",
        "    failure_action: rollback",
        f"    monitor: {monitor}s  # {reason}",
        "  rollback_config:",
        "    order: start-first",
        "    parallelism: 1",
    ]
