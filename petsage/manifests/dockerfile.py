"""A Dockerfile's part: the image asks for liveness, for it knows nothing of what surrounds it."""

import json

from petsage.manifests.healthcheck import (
    grace_reason,
    interval_reason,
    retries_reason,
    start_reason,
    timeout_reason,
)
from petsage.manifests.timings import RETRIES, Timings


def write(fit: Timings) -> str:
    """Return instructions."""
    every = f"--interval={fit.interval}s --timeout={fit.timeout}s"
    counted = f"--start-period={fit.start_period}s --retries={RETRIES}"
    lines = [
        "# liveness: it says that the process answers; what it depends on is for readiness to tell",
        f"ENV PETSAGE_PROBE_URL={_quoted(fit.url('/livez'))}",
        f"# interval      {interval_reason(fit)}",
        f"# timeout       {timeout_reason(fit)}",
        f"# start-period  {start_reason(fit)}",
        f"# retries       {retries_reason(fit)}",
        f'HEALTHCHECK {every} {counted} CMD ["petsage-probe"]',
        "STOPSIGNAL SIGTERM",
        f"# docker stop --time {fit.grace}: {grace_reason(fit)}",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Write a value so that the builder takes it as it is."""
    return json.dumps(text).replace("$", "\\$")
