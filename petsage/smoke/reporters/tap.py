"""TAP 14, without subtests; a check that fails or warns has a YAML block with what is known about it."""

from collections.abc import Iterator

from petsage.checks import Status
from petsage.smoke.report import Report, Result


def write(report: Report, *, strict: bool) -> str:
    """Return a line for each check, and YAML blocks."""
    plan = f"1..{len(report.results)}"
    points = (line for at, result in enumerate(report.results, 1) for line in _point(at, result, strict=strict))
    return "\n".join(["TAP version 14", plan, *points])


def _point(at: int, result: Result, *, strict: bool) -> Iterator[str]:
    yield f"{'ok' if result.holds(strict=strict) else 'not ok'} {at} - {result.name}"
    if result.status is not Status.PASS:
        yield from (f"  {line}" for line in ("---", *_block(result), "..."))


def _block(result: Result) -> Iterator[str]:
    import yaml  # noqa: PLC0415 (imported only if a check fails or warns)

    known = {
        "status": result.status,
        "severity": result.severity,
        "reason": result.reason,
        "code": result.code,
        "ref": result.ref,
    }
    block = {key: str(value) for key, value in known.items() if value is not None}
    yield from yaml.safe_dump(block, sort_keys=False, width=10_000).splitlines()
