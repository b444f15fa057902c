"""Compose: lay it over a project's own file, `docker compose -f docker-compose.yml -f health.yml up --wait`.

Compose only shows the state, and starts by it what says `condition: service_healthy`; so readiness is asked.
"""

from petsage.manifests.healthcheck import healthcheck, indented, stop
from petsage.manifests.timings import Timings


def write(fit: Timings) -> str:
    """Return a Compose file that holds nothing else."""
    lines = [
        "# readiness, with what it depends on: who says `condition: service_healthy` waits for all of it",
        *healthcheck(fit, "/readyz"),
        *stop(fit),
    ]
    return "\n".join(["services:", "  petsage:", *indented(lines, 4)])
