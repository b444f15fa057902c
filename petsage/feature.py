"""What a feature is: the values that pass through its only door."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from inspect import iscoroutine
from typing import Any

from aiohttp.web import AbstractRouteDef

from petsage.checks import CheckSpec

__all__ = ["CheckSpec", "Contribution", "FeatureFailed", "checked"]


class FeatureFailed(Exception):  # noqa: N818 (a public word: the feature failed)
    """A feature cannot work; the text is public and stands as the reason of its quarantine."""


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What a feature adds.

    Routes are served while all lifespans are entered. Lifespans are entered in the order given, each once, and left in
    reverse, all in one task of the feature's own. Checks are run by the monitor from then on.
    """

    routes: Sequence[AbstractRouteDef] = ()
    checks: Sequence[CheckSpec] = ()
    lifespans: Sequence[AbstractAsyncContextManager[Any]] = ()


def checked(contribution: object) -> Contribution:
    """Return the contribution if it is one, all its parts included; raise `FeatureFailed` naming all that is not.

    Its members are tuples then, whatever they came as, and a lifespan that stands there twice is in there once.
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
    """Return the parts of a list or a generator; what is neither, such as a lone route, is a part itself."""
    return tuple(member) if isinstance(member, Iterable) else (member,)


_MEMBERS: dict[str, type] = {
    "routes": AbstractRouteDef,
    "checks": CheckSpec,
    "lifespans": AbstractAsyncContextManager,
}
