"""Report: the answer to a query, before it is rendered. A pure function of the snapshot and the query."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from json import dumps
from types import MappingProxyType
from typing import NamedTuple

from petsage import PetSageError
from petsage.checks import (
    FEATURES,
    SHUTDOWN,
    CheckState,
    Probe,
    Snapshot,
    Status,
    effective_status,
    status_for_probe,
    worst,
)
from petsage.probes.query import ProbeQuery

_NO_CHECKS: Mapping[str, CheckState] = MappingProxyType({})
_RETRY_WHEN_PENDING = 1
"""Seconds: the first run of a check begins within one second."""


class UnknownCheckError(PetSageError, LookupError):
    """No check of this name belongs to the probe; `known` are those that do."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.known = known


class HealthReport(NamedTuple):
    """The answer to a query, or what one probe adds to it.

    `failing`, `pending` and `warning` are names of checks; `blocking` are those that keep a probe from passing.
    `checks` are all that the query is about, and `excluded` are those of them that it leaves out. `unknown` are names
    to leave out that no check has. `probes` are the reports of the single probes. `quarantined` are features, listed
    only if the check `features` does not pass. `retry_after` is in seconds.
    """

    status: Status
    failing: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    warning: tuple[str, ...] = ()
    blocking: frozenset[str] = frozenset()
    checks: Mapping[str, CheckState] = _NO_CHECKS
    excluded: Mapping[str, CheckState] = _NO_CHECKS
    unknown: tuple[str, ...] = ()
    probes: Mapping[Probe, "HealthReport"] = MappingProxyType({})
    quarantined: tuple[str, ...] = ()
    retry_after: int | None = None

    @property
    def passed(self) -> bool:
        """True if the answer is 200."""
        return self.status in (Status.PASS, Status.WARN)

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be excluded, in the words of kube-apiserver; names are quoted, so that none forges a line."""
        if not self.unknown:
            return ()
        return (f"some health checks cannot be excluded: no matches for {','.join(map(dumps, self.unknown))}",)


def make_report(snapshot: Snapshot, query: ProbeQuery, drain: int) -> HealthReport:
    """Return the answer to a query; `drain` is the value of `Retry-After` during a shutdown, in seconds.

    Raise UnknownCheckError if the query is about a check that the probe does not have.
    """
    checks = select_checks(snapshot, query)
    left_out = frozenset(query.exclude) | (snapshot.checks.keys() - checks.keys() if query.check else frozenset())
    probes = {probe: report_probe(snapshot, probe, left_out) for probe in query.probes}
    report = merge_reports([*probes.values()])
    return report._replace(
        checks=checks,
        excluded={name: state for name, state in checks.items() if name in query.exclude},
        unknown=tuple(name for name in query.exclude if name not in checks),
        probes=probes,
        quarantined=snapshot.quarantined if FEATURES in (*report.failing, *report.warning) else (),
        retry_after=_retry_after(report, drain),
    )


def select_checks(snapshot: Snapshot, query: ProbeQuery) -> Mapping[str, CheckState]:
    """Return the checks that a query is about, with those that it excludes. Raise UnknownCheckError."""
    known = {
        name: state for name, state in snapshot.checks.items() if query.probe is None or query.probe in state.probes
    }
    if query.check is None:
        return known
    if query.check not in known:
        raise UnknownCheckError(query.check, tuple(known))
    return {query.check: known[query.check]}


def report_probe(snapshot: Snapshot, probe: Probe, exclude: Collection[str] = ()) -> HealthReport:
    """Return the status of one probe, and the names of its checks that do not pass.

    The startup probe has passed for good once it has passed, and cannot pass before the features have been started.
    """
    if probe is Probe.STARTUP and snapshot.startup_passed:
        return HealthReport(Status.PASS)
    listed: dict[Status, list[str]] = {status: [] for status in Status}
    counted: dict[Status, list[str]] = {status: [] for status in Status}
    for state in snapshot.checks.values():
        if state.status is not Status.PASS and probe in state.probes and state.name not in exclude:
            listed[effective_status(state)].append(state.name)
            counted[status_for_probe(state, probe)].append(state.name)
    status = worst(status for status, names in counted.items() if names)
    if probe is Probe.STARTUP and not snapshot.up:
        status = worst((status, Status.PENDING))
    return HealthReport(
        status,
        failing=tuple(listed[Status.FAIL]),
        pending=tuple(listed[Status.PENDING]),
        warning=tuple(listed[Status.WARN]),
        blocking=frozenset([*counted[Status.FAIL], *counted[Status.PENDING]]),
    )


def merge_reports(reports: Sequence[HealthReport]) -> HealthReport:
    """Return one report of several probes: the worst status, and every name once."""
    if len(reports) == 1:
        return reports[0]
    return HealthReport(
        worst(one.status for one in reports),
        failing=_unique(one.failing for one in reports),
        pending=_unique(one.pending for one in reports),
        warning=_unique(one.warning for one in reports),
        blocking=frozenset[str]().union(*(one.blocking for one in reports)),
    )


def _unique(lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in lists for name in names))


def _retry_after(report: HealthReport, drain: int) -> int | None:
    if SHUTDOWN in report.blocking:
        return drain
    return _RETRY_WHEN_PENDING if report.status is Status.PENDING else None
