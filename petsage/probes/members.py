"""Checks as members of a JSON object."""

from collections.abc import Callable

from petsage.checks import CheckState
from petsage.http.documents import plain_members, to_json
from petsage.probes.report import HealthReport


class Members:
    """Encodes checks as a JSON object; each check is encoded once for each of its states."""

    def __init__(self, encode: Callable[[CheckState], str]) -> None:
        self._encode = encode
        self._encoded: dict[tuple[str, bool], tuple[CheckState, str]] = {}

    def object_of(self, report: HealthReport, *, details: bool) -> str:
        """Return the JSON object of the checks that a report does not exclude, by their names."""
        shown = [state for name, state in report.checks.items() if name not in report.excluded]
        return f"{{{', '.join([self._member(state, details=details) for state in shown])}}}"

    def _member(self, state: CheckState, *, details: bool) -> str:
        known = self._encoded.get((state.name, details))
        if known is None or known[0] is not state:
            text = f"{to_json(state.name)}: {self._encode(presentable(state, details=details))}"
            known = self._encoded[state.name, details] = (state, text)
        return known[1]


def with_member(text: str, name: str, value: str) -> str:
    """Add a member, whose value is JSON already, to a JSON object that is not empty."""
    return f"{text[:-1]}, {to_json(name)}: {value}}}"


def presentable(state: CheckState, *, details: bool) -> CheckState:
    """Return a state as a client may see it: with or without details."""
    if not details:
        return state._replace(reason=None, code=None, observed=None)
    return state._replace(observed=plain_members(state.observed)) if state.observed else state
