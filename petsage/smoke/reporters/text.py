"""Text for people: a line for each check, and the result of all."""

from collections.abc import Iterator

from petsage.checks import Status
from petsage.smoke.report import Report, Result
from petsage.text import printable

_MAX_LINE = 1000


def write(report: Report, *, strict: bool) -> str:
    """Return a line for each check, and one for all."""
    width = max((len(result.name) for result in report.results), default=0)
    lines = [_line(result, width) for result in report.results]
    return "\n".join([*(printable(line, _MAX_LINE) for line in lines), "".join(_summary(report, strict=strict))])


def _line(result: Result, width: int) -> str:
    took = "" if result.duration_ms is None else f"{result.duration_ms:.1f} ms"
    word = result.status.upper() if result.status is Status.FAIL else result.status
    return f"{word:4}  {result.name:{width}}  {took:>9}  {result.reason or ''}".rstrip()


def _summary(report: Report, *, strict: bool) -> Iterator[str]:
    failed = [result.name for result in report.results if not result.holds(strict=strict)]
    count = len(report.results)
    checks = "1 check" if count == 1 else f"{count} checks"
    if report.empty:
        yield "failed: nothing was checked"
    else:
        yield f"failed: {', '.join(failed)}; {len(failed)} of {checks} failed" if failed else f"passed: {checks}"
    if warned := sum(result.status is Status.WARN for result in report.results):
        yield f", {warned} with a warning"
    yield f", in {report.seconds:.1f} s"
