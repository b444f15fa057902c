"""`text/plain`, as kube-apiserver writes it (k8s.io/apiserver, pkg/server/healthz)."""

from collections.abc import Iterator

from petsage.checks import CheckState, Status
from petsage.http.documents import to_bytes
from petsage.probes.query import ProbeQuery
from petsage.probes.renderer import Renderer
from petsage.probes.report import HealthReport


class TextRenderer(Renderer):
    """Text for people, and for tools that know kube-apiserver."""

    format = "text"
    media_type = "text/plain"
    content_type = "text/plain; charset=utf-8"
    preference = 1
    documentation = "ok"

    def render(self, report: HealthReport, query: ProbeQuery) -> bytes:
        """Return `ok`, or a line for each check if the probe does not pass or `?verbose` asks for them.

        A single check that warns is answered with `warn`. In the list it is `[+]NAME ok` too, because readers of this
        format know only `[+]` and `[-]`; a line after the list names it.
        """
        if report.passed and not query.verbose:
            return b"warn" if query.check and report.status is Status.WARN else b"ok"
        result = "passed" if report.passed else "failed"
        return to_bytes("\n".join([*_lines(report, details=query.details), f"{query.path} check {result}\n"]))


def _lines(report: HealthReport, *, details: bool) -> Iterator[str]:
    for name, state in report.checks.items():
        if name in report.excluded:
            yield f"[+]{name} excluded: ok"
        elif name in report.blocking:
            yield f"[-]{name} failed: {_reason(state) if details else 'reason withheld'}"
        else:
            yield f"[+]{name} ok"
    yield from (f"warn: {note}" for note in report.notes)
    if report.warning:
        yield f"warn: some health checks warn: {','.join(report.warning)}"


def _reason(state: CheckState) -> str:
    return " ".join((state.reason or state.status).split())


RENDERER = TextRenderer
