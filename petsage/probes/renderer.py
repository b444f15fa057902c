"""Base class of renderers."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from marshmallow import Schema

from petsage.core.identity import Identity
from petsage.probes.query import ProbeQuery
from petsage.probes.report import HealthReport

COMPONENT, SYSTEM = "component", "system"
"""Types of components, as in section 4.2 of the health+json draft: the default, and that of this program."""


class Renderer(ABC):
    """Turns reports into bytes of one format.

    `format` is the name in `?format`, and `media_type` what `Accept` asks for. Of formats that a client prefers equally
    the one with the lowest `preference` is chosen. `documentation` is what the API document has for the format: a
    schema, an example, or None if each operation declares a schema of its own.
    """

    format: ClassVar[str]
    media_type: ClassVar[str]
    content_type: ClassVar[str]
    preference: ClassVar[int]
    documentation: ClassVar[Schema | str | None] = None

    def __init__(self, identity: Identity, component_type: Callable[[str], str]) -> None:
        self._identity = identity
        self._component_type = component_type

    def needs_details(self, query: ProbeQuery) -> bool:  # noqa: ARG002 (for formats that have the last runs)
        """Return whether the answer shows the last runs of checks, so that it changes with each of them."""
        return False

    @abstractmethod
    def render(self, report: HealthReport, query: ProbeQuery) -> bytes:
        """Return the body of the answer."""
