"""JSON, in the words of `/health`: the verdict, and each check by its name."""

import json
import math
from typing import Any

from petsage.smoke.report import Report, Result


def write(report: Report, *, strict: bool) -> str:
    """Return an indented document; what has nothing to say is left out."""
    verdict = report.verdict
    document = {
        "status": str(verdict.status),
        "passed": report.passed(strict=strict),
        "failing": verdict.failing,
        "pending": verdict.pending,
        "warning": verdict.warning,
        "began": report.began.isoformat(),
        "duration_ms": round(report.seconds * 1000, 3),
        "checks": {result.name: _sparse(_check(result)) for result in report.results},
    }
    return json.dumps(_sparse(document), indent=2, ensure_ascii=True, default=_text)


def _check(result: Result) -> dict[str, Any]:
    observed = {name: _plain(value) for name, value in (result.observed or {}).items()}
    return {**result._asdict(), "name": None, "observed": observed}


def _sparse(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None and value not in ((), {})}


def _plain(value: object) -> object:
    """JSON has no numbers that are none or infinite."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 (a check's own object may do anything)
        return type(value).__name__
