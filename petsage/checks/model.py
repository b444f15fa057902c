"""What a check is, and the words that a result is told in."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Protocol, runtime_checkable

from petsage.checks.codes import Code

Observations = Mapping[str, object]


class Status(StrEnum):
    """How something stands, in the words of draft-inadarei-api-health-check-06 section 3.1, and `pending`."""

    PASS = "pass"  # noqa: S105 (a status, not a password)
    WARN = "warn"
    FAIL = "fail"
    PENDING = "pending"


class Probe(StrEnum):
    """The questions that are asked from outside, named as Kubernetes names them."""

    LIVE = "live"
    READY = "ready"
    STARTUP = "startup"


class Severity(StrEnum):
    """What a failing check does to its probes: `critical` turns them `fail`, `degraded` turns them `warn`."""

    CRITICAL = "critical"
    DEGRADED = "degraded"


class CheckFailed(Exception):  # noqa: N818 (a public word: the check failed)
    """What is stated does not hold; the text is public, and so is `code`, for programs."""

    code: Code | str = Code.FAILED

    def __init__(self, *text: object, code: Code | str | None = None) -> None:
        super().__init__(*text)
        if code is not None:
            self.code = code


class CheckWarning(Exception):  # noqa: N818 (a public word)
    """What is stated holds, but barely; the text is public, and so is `code`, for programs."""

    code: Code | str = Code.WARNING

    def __init__(self, *text: object, code: Code | str | None = None) -> None:
        super().__init__(*text)
        if code is not None:
            self.code = code


@runtime_checkable
class Check(Protocol):
    """A statement about the world that can be run.

    Returning `None`, `True` or observations such as `{"latency_ms": 3.1}` means that it holds; returning `False` means
    that it does not, and anything else is a mistake in the check, which fails as well. Raising means that it does not
    hold: `CheckFailed` and `CheckWarning` carry a public reason, of anything else only the class name is public.
    """

    def run(self) -> Awaitable[Observations | bool | None] | Observations | bool | None: ...  # noqa: D102 (said above)


Runnable = Check | Callable[[], object]
"""A check, or a plain function; one that blocks (`def`, not `async def`) runs in a daemon thread of its own."""
