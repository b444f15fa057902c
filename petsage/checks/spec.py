"""Specification of a check: the check itself, and how it is run. Its keys are those of `config.yml`."""

import inspect
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from petsage import PetSageError
from petsage.checks.model import Check, Probe, Runnable, Severity

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"

EXTERNAL_IN_LIVENESS = (
    "asks something outside this process, so it cannot be in 'live': "
    "while that is down every replica would be restarted, which repairs nothing; use 'ready' or 'startup'"
)
"""Why an external check is refused in liveness; the sentence begins with the check."""


class CheckSpecError(PetSageError, ValueError):
    """A check cannot be run as it is declared; `mistakes` lists all that is wrong."""

    def __init__(self, name: str, mistakes: Sequence[str], origin: str = "") -> None:
        place = f" ({origin})" if origin else ""
        super().__init__(f"check {name!r}{place}: {'; '.join(mistakes)}")
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class CheckSpec:
    """A check, its name, and how it is run. The name of a feature's check is shown as `FEATURE.NAME`.

    Times are in seconds. `interval` is from the beginning of one run to that of the next, `down_interval` the same
    while the check fails; None means `interval`. After `fall` failed results in a row the status becomes `fail`, after
    `rise` good ones it recovers; the very first result decides at once. A result is valid for `max_age`, by default
    twice the larger interval plus `timeout`; then the status becomes `fail` with the reason `stale`. `origin` is where
    the check is declared, for error texts. `external` is whether the check asks anything but this process, which keeps
    it out of liveness; None means unknown: it may be in liveness, and a generated manifest treats it as external.
    `component_type` is what `application/health+json` reports, by default `component`. Raise CheckSpecError with all
    mistakes.
    """

    name: str
    check: Runnable
    probes: Sequence[str] = (Probe.READY,)
    severity: str = Severity.CRITICAL
    interval: float = 10.0
    down_interval: float | None = None
    timeout: float = 2.0
    fall: int = 1
    rise: int = 1
    max_age: float | None = None
    enabled: bool = True
    origin: str = ""
    external: bool | None = None
    component_type: str | None = None

    def __post_init__(self) -> None:
        mistakes = [*_mistakes(self)]
        if mistakes:
            raise CheckSpecError(str(self.name), mistakes, self.origin)
        object.__setattr__(self, "probes", tuple(dict.fromkeys(Probe(probe) for probe in self.probes)))
        object.__setattr__(self, "severity", Severity(self.severity))

    def lifetime(self) -> float:
        """Return for how many seconds a result is valid."""
        if self.max_age is not None:
            return self.max_age
        return 2 * max(self.interval, self.down_interval or 0) + self.timeout


def _mistakes(spec: CheckSpec) -> Iterator[str]:
    if not re.fullmatch(_NAME, spec.name):
        yield "a name is up to 100 letters, digits, `_`, `-` and `.`, and begins with a letter or digit"
    if isinstance(spec.check, type):
        yield f"{spec.check.__name__} is a class: pass an instance of it"
    elif not isinstance(spec.check, Check) and not callable(spec.check):
        yield f"a check has a run() or is a function, not {type(spec.check).__name__}"
    elif _is_generator(spec.check.run if isinstance(spec.check, Check) else spec.check):
        yield "a check must not yield: a call would run none of its body and pass for ever; return or raise instead"
    yield from _word_mistakes(spec)
    if spec.external and Probe.LIVE in spec.probes:
        yield f"it {EXTERNAL_IN_LIVENESS}"
    yield from _number_mistakes(spec)


def _is_generator(function: object) -> bool:
    """Return whether a call only creates a generator that cannot be awaited, unlike those of `types.coroutine`."""
    while isinstance(function, partial):
        function = function.func
    flags = _flags(function) | _flags(getattr(type(function), "__call__", None))  # noqa: B004 (looks up the method, does not test for it)
    generates = flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR)
    return bool(generates) and not flags & inspect.CO_ITERABLE_COROUTINE


def _flags(function: object) -> int:
    function = getattr(function, "__func__", function)
    return int(getattr(getattr(function, "__code__", None), "co_flags", 0))


def _word_mistakes(spec: CheckSpec) -> Iterator[str]:
    probes = [spec.probes] if isinstance(spec.probes, str) else list(spec.probes)
    unknown = [repr(probe) for probe in probes if probe not in tuple(Probe)]
    if isinstance(spec.probes, str) or not probes or unknown:
        given = ", ".join(unknown) or repr(spec.probes)
        yield f"probes is a list of {', '.join(Probe)}, not {given}"
    if spec.severity not in tuple(Severity):
        yield f"severity is one of {', '.join(Severity)}, not {spec.severity!r}"


def _number_mistakes(spec: CheckSpec) -> Iterator[str]:
    for key in ("interval", "down_interval", "timeout", "max_age"):
        value = getattr(spec, key)
        if not (value is None and key in ("down_interval", "max_age")) and not _is_time(value):
            yield f"{key} is a number of seconds above 0, not {value!r}"
    for key in ("fall", "rise"):
        value = getattr(spec, key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield f"{key} is a number of results from 1, not {value!r}"


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < math.inf
