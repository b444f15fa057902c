"""`text/plain`, as kube-apiserver writes it (k8s.io/apiserver, pkg/server/healthz)."""

from collections.abc import Iterator

from petsage.checks import Detail, State, Status
from petsage.probes.report import HealthReport, ProbeQuery


class Text:
    """Writes views for people and for tools that know kube-apiserver."""

    content_type = "text/plain; charset=utf-8"

    def write(self, view: HealthReport, question: ProbeQuery) -> bytes:
        """Return `ok`, or a line a check when the answer is red or they are asked for.

        A single check that warns is answered with `warn`. In the list it stays `[+]NAME ok`, because readers of this
        form know only `[+]` and `[-]`; a line after the list names it.
        """
        if view.passed and not question.verbose:
            return b"warn" if question.asked.check and view.verdict.status is Status.WARN else b"ok"
        verdict = "passed" if view.passed else "failed"
        lines = [*_lines(view, details=question.details), f"{question.path} check {verdict}\n"]
        return "\n".join(lines).encode("utf-8", "backslashreplace")


def _lines(view: HealthReport, *, details: bool) -> Iterator[str]:
    for name, state in view.checks.items():
        if name in view.excluded:
            yield f"[+]{name} excluded: ok"
        elif name in view.red:
            yield f"[-]{name} failed: {_reason(state) if details else 'reason withheld'}"
        else:
            yield f"[+]{name} ok"
    yield from (f"warn: {note}" for note in view.notes)
    if view.verdict.warning:
        yield f"warn: some health checks warn: {','.join(view.verdict.warning)}"


def _reason(state: State | Detail) -> str:
    return " ".join((state.reason or state.status).split())
