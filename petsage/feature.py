"""What a feature is: the values that pass through its only door."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
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
    """Return the contribution if it is one, all its parts included; raise `FeatureFailed` naming all that is not."""
    if iscoroutine(contribution):
        contribution.close()
        raise FeatureFailed("setup must be a plain function: write `def setup`, not `async def setup`")
    if not isinstance(contribution, Contribution):
        raise FeatureFailed(f"setup must return a Contribution, not {type(contribution).__name__}")
    wrong = [
        f"{member} must hold {kind.__name__} objects only, not {type(part).__name__}"
        for member, kind in _MEMBERS.items()
        for part in getattr(contribution, member)
        if not isinstance(part, kind)
    ]
    if wrong:
        raise FeatureFailed("; ".join(wrong))
    return contribution


_MEMBERS: dict[str, type] = {
    "routes": AbstractRouteDef,
    "checks": CheckSpec,
    "lifespans": AbstractAsyncContextManager,
}
