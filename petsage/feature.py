"""What a feature is: the values that pass through its only door."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from aiohttp.web import AbstractRouteDef

from petsage.checks.model import CheckSpec

__all__ = ["CheckSpec", "Contribution", "FeatureFailed"]


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
