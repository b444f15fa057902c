"""Instructions for a Dockerfile: liveness only, because an image is built without knowledge of its dependencies."""

import json

from petsage.manifests.healthcheck import (
    explain_grace,
    explain_interval,
    explain_retries,
    explain_start,
    explain_timeout,
)
from petsage.manifests.timings import RETRIES, Timings


def render(timings: Timings) -> str:
    """Return instructions."""
    interval = f"--interval={timings.interval}s --timeout={timings.timeout}s"
    retries = f"--start-period={timings.start_period}s --retries={RETRIES}"
    lines = [
        "# liveness: whether the process answers; its dependencies are a matter of readiness",
        f"ENV PETSAGE_PROBE_URL={_quote(timings.url('/livez'))}",
        f"# interval      {explain_interval(timings)}",
        f"# timeout       {explain_timeout(timings)}",
        f"# start-period  {explain_start(timings)}",
        f"# retries       {explain_retries(timings)}",
        f'HEALTHCHECK {interval} {retries} CMD ["petsage-probe"]',
        "STOPSIGNAL SIGTERM",
        f"# docker stop --time {timings.stop_grace}: {explain_grace(timings)}",
    ]
    return "\n".join(lines)


def _quote(text: str) -> str:
    """Quote a value so that the builder substitutes nothing in it."""
    return json.dumps(text).replace("$", "\\$")
