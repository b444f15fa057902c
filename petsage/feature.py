"""Public API for authors of features: contributions, checks and failures."""

import shlex
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from inspect import iscoroutine
from typing import Any

from aiohttp.web import AbstractRouteDef

from petsage.checks import CheckSpec
from petsage.distributions import missing_distributions

__all__ = ["CheckSpec", "Contribution", "FeatureFailed", "require_distributions", "validated"]


class FeatureFailed(Exception):  # noqa: N818 (public name)
    """A feature cannot work; the text is public, as the reason of its quarantine."""


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """Routes, checks and lifespans of a feature.

    Lifespans are entered in the order given, each once, and left in reverse order, all in one task of the feature.
    After that the routes are served, and the monitor runs the checks.
    """

    routes: Sequence[AbstractRouteDef] = ()
    checks: Sequence[CheckSpec] = ()
    lifespans: Sequence[AbstractAsyncContextManager[Any]] = ()


def require_distributions(*requirements: str) -> None:
    """Raise `FeatureFailed` with what to install, unless all requirements are met, such as `pillow>=11` (PEP 508)."""
    if missing := missing_distributions(*requirements):
        wanted = shlex.join(requirement for requirement, _ in missing)
        states = ", ".join(f"{requirement} ({state})" for requirement, state in missing)
        raise FeatureFailed(f"it needs {states}: pip install {wanted}")


def validated(contribution: object) -> Contribution:
    """Return what `setup` returned as a valid contribution. Raise `FeatureFailed` with all that is wrong.

    Its members become tuples, in which each lifespan occurs once.
    """
    if iscoroutine(contribution):
        contribution.close()
        raise FeatureFailed("setup must be a plain function: write `def setup`, not `async def setup`")
    if not isinstance(contribution, Contribution):
        raise FeatureFailed(f"setup must return a Contribution, not {type(contribution).__name__}")
    members: dict[str, Any] = {member: _parts(getattr(contribution, member)) for member in _MEMBERS}
    wrong = {
        f"{member} must hold {kind.__name__} objects only, not {type(part).__name__}": None
        for member, kind in _MEMBERS.items()
        for part in members[member]
        if not isinstance(part, kind)
    }
    if wrong:
        raise FeatureFailed("; ".join(wrong))
    members["lifespans"] = tuple({id(lifespan): lifespan for lifespan in members["lifespans"]}.values())
    return replace(contribution, **members)


def _parts(member: object) -> tuple[object, ...]:
    """Return the parts of an iterable; anything else, such as a single route, is one part."""
    return tuple(member) if isinstance(member, Iterable) else (member,)


_MEMBERS: dict[str, type] = {
    "routes": AbstractRouteDef,
    "checks": CheckSpec,
    "lifespans": AbstractAsyncContextManager,
}
