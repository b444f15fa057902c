"""From values to JSON: dumped and validated by their schema."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from marshmallow import Schema

from petsage import PetSageError
from petsage.checks import Detail, Observations, State
from petsage.probes.report import HealthReport

_DETAILS = ("reason", "code", "observed")
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


class DocumentError(PetSageError):
    """A document is not what its schema promises."""


def written(schema: Schema, document: NamedTuple) -> str:
    """Return a document as JSON; raise `DocumentError` when its schema refuses what it dumped."""
    data = schema.dump(document)
    if errors := schema.validate(data):
        raise DocumentError(f"{type(schema).__name__} refuses the document: {errors}")
    return _ENCODER.encode(data)


def with_member(text: str, name: str, value: str) -> str:
    """Return a JSON object with one more member, whose value is JSON already."""
    return f"{text[:-1]}, {json.dumps(name)}: {value}}}"


class Members:
    """Checks as members of a JSON object, each written once for each of its results."""

    def __init__(self, write: Callable[[State | Detail], str]) -> None:
        self._write = write
        self._written: dict[tuple[str, bool], tuple[State | Detail, str]] = {}

    def of(self, view: HealthReport, *, details: bool) -> str:
        """Return the JSON object of those checks of a view that are not excluded."""
        shown = [state for name, state in view.checks.items() if name not in view.excluded]
        return f"{{{', '.join([self._member(state, details=details) for state in shown])}}}"

    def _member(self, state: State | Detail, *, details: bool) -> str:
        known = self._written.get((state.name, details))
        if known is None or known[0] is not state:
            known = self._written[state.name, details] = (state, self._write(presentable(state, details=details)))
        return known[1]


def to_bytes(text: str) -> bytes:
    """Encode JSON; what is no Unicode becomes an escape, which JSON has too."""
    return text.encode("utf-8", "backslashreplace")


def presentable(state: State | Detail, *, details: bool) -> State | Detail:
    """Return a state as it may be shown: reasons, their codes and observations are details."""
    if not details:
        hidden: dict[str, Any] = {name: None for name in _DETAILS if name in state._fields}
        return state._replace(**hidden)
    if isinstance(state, Detail) and state.observed:
        return state._replace(observed=plain(state.observed))
    return state


def plain(observed: Observations) -> dict[str, object]:
    """Return observations with what JSON cannot hold as text."""
    return {name: _plain(value) for name, value in observed.items()}


def _plain(value: object) -> object:
    try:
        _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError):
        return _text(value)
    return value


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 (a check's own object may do anything)
        return type(value).__name__
