"""JSON, with the members of `/health`: the status, and each check by its name."""

from typing import Any

from petsage.http.documents import plain_members, to_readable_json
from petsage.smoke.report import Report, Result


def write(report: Report, *, strict: bool) -> str:
    """Return an indented document without members that are empty."""
    health = report.health
    document = {
        "status": str(health.status),
        "passed": report.passed(strict=strict),
        "failing": health.failing,
        "pending": health.pending,
        "warning": health.warning,
        "began": report.began.isoformat(),
        "duration_ms": round(report.seconds * 1000, 3),
        "checks": {result.name: _sparse(_check(result)) for result in report.results},
    }
    return to_readable_json(_sparse(document))


def _check(result: Result) -> dict[str, Any]:
    return {**result._asdict(), "name": None, "observed": plain_members(result.observed or {})}


def _sparse(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None and value not in ((), {})}
