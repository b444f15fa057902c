"""Fall and rise: how many results in a row turn a state."""

from typing import NamedTuple

from petsage.checks.model import Observations, Probe, Severity, Status
from petsage.checks.results import STALE, CheckResult
from petsage.checks.spec import CheckSpec
from petsage.checks.state import Change, CheckState, Moment
from petsage.checks.untrusted import class_name
from petsage.text import new_ref


class Hysteresis:
    """Counts results; `failures` are the failing ones in a row, up to the last.

    The first result decides at once, and so does the first after `forget`: there is no state to hold on to.
    """

    __slots__ = ("_down", "_fall", "_holds", "_known", "_rise", "_trouble", "failures")

    def __init__(self, fall: int, rise: int) -> None:
        self._fall = fall
        self._rise = rise
        self._known = False
        self._holds = 0
        self._down = False
        self.failures = 0
        self._trouble = 0

    def hold(self) -> bool:
        """Count a result that holds; say whether it decides the state."""
        self.failures = 0
        self._holds += 1
        if not self._down:
            self._trouble = 0
        elif self._known and self._holds < self._rise:
            return False
        self._known, self._down = True, False
        return True

    def fail(self) -> bool:
        """Count a failing result; say whether it decides the state."""
        self._holds = 0
        self.failures += 1
        self._trouble += 1
        if self._known and not self._down and self.failures < self._fall:
            return False
        self._known = self._down = True
        return True

    def turned(self) -> int:
        """Begin to count anew at a turn; return how many results failed up to it."""
        trouble = self._trouble
        if not self._down:
            self._trouble = 0
        return trouble

    def forget(self) -> None:
        """Hold on to nothing: what was known is too old."""
        self._known = False


class _LastRun(NamedTuple):
    ended: Moment
    took: float
    observed: Observations | None


class Transition(NamedTuple):
    """What readers see differently; `error` is an exception of which the log knows nothing yet."""

    change: Change | None
    error: BaseException | None


class CheckRecord:
    """The state of one check, its last run, and the streak that may turn it."""

    __slots__ = ("_detail", "_last", "_refs", "_since", "_streak", "good_until", "spec", "stale", "state")

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
        self._streak = Hysteresis(spec.fall, spec.rise)
        self._refs: dict[str, str] = {}
        self._last: _LastRun | None = None
        self._detail: CheckState | None = None

    def interval(self) -> float:
        """Return for how many seconds to wait from the beginning of one run to that of the next."""
        down = self.spec.down_interval
        return down if down is not None and self.state.status == Status.FAIL else self.spec.interval

    def expect(self, now: Moment) -> None:
        """Count from now the time until which the next result must have come."""
        self.good_until = now.clock + self.spec.lifetime()

    def apply(self, outcome: CheckResult, took: float, now: Moment) -> Transition | None:
        """Take in a result that took so many seconds; return what readers see differently, the last run apart."""
        self.expect(now)
        self.stale = False
        self._last = _LastRun(now, took, outcome.observed)
        self._detail = None
        decides = self._streak.fail() if outcome.status is Status.FAIL else self._streak.hold()
        return self._stand(outcome, now) if decides else None

    def expire(self, now: Moment) -> Transition | None:
        """Let the state go stale if its time is up."""
        if self.stale or now.clock < self.good_until:
            return None
        self.stale = True
        self._detail = None
        self._streak.forget()
        return self._stand(STALE, now)

    def detail(self) -> CheckState:
        """Return the state together with the last run; the same object until there is another."""
        if self._detail is None:
            self._detail = self._with_last_run()
        return self._detail

    def _stand(self, outcome: CheckResult, now: Moment) -> Transition | None:
        before = self.state
        if (outcome.status, outcome.reason, outcome.code) == (before.status, before.reason, before.code):
            return None
        turned = outcome.status is not before.status
        if turned:
            self._refs.clear()
        known = len(self._refs)
        self.state = before._replace(
            status=outcome.status, reason=outcome.reason, code=outcome.code, ref=self._refer(outcome)
        )
        error = outcome.error if len(self._refs) > known else None
        return Transition(self._change(before, now) if turned else None, error)

    def _refer(self, outcome: CheckResult) -> str | None:
        """Return one ref while a status lasts, and another for each class of exception that comes up meanwhile."""
        if outcome.status is Status.PASS:
            return None
        cause = class_name(outcome.error) if outcome.error is not None else next(iter(self._refs), "")
        return self._refs.setdefault(cause, new_ref())

    def _change(self, before: CheckState, now: Moment) -> Change:
        after, self._since = now.clock - self._since, now.clock
        self.state = self.state._replace(since=now.utc())
        return Change(
            name=before.name,
            before=before.status,
            now=self.state.status,
            after=after,
            failures=self._streak.turned(),
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
            consecutive_failures=self._streak.failures,
            observed=last.observed,
        )
