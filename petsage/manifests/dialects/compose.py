"""Compose, as an override file: `docker compose -f docker-compose.yml -f health.yml up --wait`.

Compose restarts no unhealthy container: it shows the state, and delays services with `condition: service_healthy`.
Hence the healthcheck asks for readiness.
"""

from petsage.manifests.healthcheck import healthcheck, indented, stop_grace_period
from petsage.manifests.timings import Timings


def render(timings: Timings) -> str:
    """Return a Compose file that contains nothing else."""
    lines = [
        "# readiness, dependencies included: services with `condition: service_healthy` wait for all of it",
        *healthcheck(timings, "/readyz"),
        *stop_grace_period(timings),
    ]
    return "\n".join(["services:", "  petsage:", *indented(lines, 4)])
