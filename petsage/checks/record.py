"""Record of one check: its state, its last run, and the hysteresis that decides when the state changes."""

from typing import NamedTuple

from petsage.checks.model import Observations, Probe, Severity, Status
from petsage.checks.results import STALE, CheckResult
from petsage.checks.spec import CheckSpec
from petsage.checks.state import Change, CheckState, Moment
from petsage.text import new_ref
from petsage.untrusted import class_name


class Hysteresis:
    """Counts results in a row, to change the state after `fall` failed or `rise` good ones.

    The first result decides at once, and so does the first after `forget`. `failures` is the number of failed results
    in a row up to the last one.
    """

    __slots__ = ("_failing", "_failures_since_change", "_fall", "_known", "_passes", "_rise", "failures")

    def __init__(self, fall: int, rise: int) -> None:
        self._fall = fall
        self._rise = rise
        self._known = False
        self._passes = 0
        self._failing = False
        self.failures = 0
        self._failures_since_change = 0

    def hold(self) -> bool:
        """Count a result that does not fail; return whether it decides the state."""
        self.failures = 0
        self._passes += 1
        if not self._failing:
            self._failures_since_change = 0
        elif self._known and self._passes < self._rise:
            return False
        self._known, self._failing = True, False
        return True

    def fail(self) -> bool:
        """Count a failed result; return whether it decides the state."""
        self._passes = 0
        self.failures += 1
        self._failures_since_change += 1
        if self._known and not self._failing and self.failures < self._fall:
            return False
        self._known = self._failing = True
        return True

    def changed(self) -> int:
        """Return the failed results before a change of status; reset their number unless the check is failing."""
        failures = self._failures_since_change
        if not self._failing:
            self._failures_since_change = 0
        return failures

    def forget(self) -> None:
        """Let the next result decide at once, because the state is too old."""
        self._known = False


class _LastRun(NamedTuple):
    ended: Moment
    took: float
    observed: Observations | None


class Transition(NamedTuple):
    """Change of what readers see; `error` is an exception that has not been logged yet."""

    change: Change | None
    error: BaseException | None


class CheckRecord:
    """Mutable record of one check; `state` and `details()` are the immutable values made of it."""

    __slots__ = ("_details", "_hysteresis", "_last", "_refs", "_since", "good_until", "spec", "stale", "state")

    def __init__(self, spec: CheckSpec, now: Moment) -> None:
        self.spec = spec
        self.state = CheckState(
            name=spec.name,
            status=Status.PENDING,
            probes=tuple(Probe(probe) for probe in spec.probes),
            severity=Severity(spec.severity),
            since=now.utc(),
        )
        self.good_until = float("inf")
        self.stale = False
        self._since = now.clock
        self._hysteresis = Hysteresis(spec.fall, spec.rise)
        self._refs: dict[str, str] = {}
        self._last: _LastRun | None = None
        self._details: CheckState | None = None

    def interval(self) -> float:
        """Return the seconds from the beginning of one run to that of the next."""
        down = self.spec.down_interval
        return down if down is not None and self.state.status == Status.FAIL else self.spec.interval

    def expect(self, now: Moment) -> None:
        """Set the time until which the state is valid without another result."""
        self.good_until = now.clock + self.spec.lifetime()

    def apply(self, result: CheckResult, took: float, now: Moment) -> Transition | None:
        """Apply the result of a run that took `took` seconds; return the transition if it changes the state."""
        self.expect(now)
        self.stale = False
        self._last = _LastRun(now, took, result.observed)
        self._details = None
        decides = self._hysteresis.fail() if result.status is Status.FAIL else self._hysteresis.hold()
        return self._transition(result, now) if decides else None

    def expire(self, now: Moment) -> Transition | None:
        """Make the state stale if `good_until` has passed."""
        if self.stale or now.clock < self.good_until:
            return None
        self.stale = True
        self._details = None
        self._hysteresis.forget()
        return self._transition(STALE, now)

    def details(self) -> CheckState:
        """Return the state with the last run; the same object until the next run."""
        if self._details is None:
            self._details = self._with_last_run()
        return self._details

    def _transition(self, result: CheckResult, now: Moment) -> Transition | None:
        before = self.state
        if (result.status, result.reason, result.code) == (before.status, before.reason, before.code):
            return None
        changed = result.status is not before.status
        if changed:
            self._refs.clear()
        known = len(self._refs)
        self.state = before._replace(
            status=result.status, reason=result.reason, code=result.code, ref=self._ref_of(result)
        )
        error = result.error if len(self._refs) > known else None
        return Transition(self._change(before, now) if changed else None, error)

    def _ref_of(self, result: CheckResult) -> str | None:
        """Return the ref of a result: each period of a status has one for each class of exception."""
        if result.status is Status.PASS:
            return None
        cause = class_name(result.error) if result.error is not None else next(iter(self._refs), "")
        return self._refs.setdefault(cause, new_ref())

    def _change(self, before: CheckState, now: Moment) -> Change:
        after, self._since = now.clock - self._since, now.clock
        self.state = self.state._replace(since=now.utc())
        return Change(
            name=before.name,
            before=before.status,
            now=self.state.status,
            after=after,
            failures=self._hysteresis.changed(),
            at=self.state.since,
            reason=self.state.reason,
            ref=self.state.ref,
            code=self.state.code,
        )

    def _with_last_run(self) -> CheckState:
        last = self._last
        if last is None:
            return self.state
        return self.state._replace(
            last_run=last.ended.utc(),
            duration_ms=round(last.took * 1000, 3),
            consecutive_failures=self._hysteresis.failures,
            observed=last.observed,
        )
