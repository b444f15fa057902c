"""What is asked of the probes, and what every dialect needs for its answer."""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from json import dumps
from typing import NamedTuple

from petsage import PetSageError
from petsage.checks import Detail, Probe, ProbeResult, Severity, State, Status

PATHS = {Probe.LIVE: "livez", Probe.READY: "readyz", Probe.STARTUP: "startupz", None: "health"}
_BADNESS = (Status.PASS, Status.WARN, Status.PENDING, Status.FAIL)


class UnknownCheckError(PetSageError, LookupError):
    """No check of this name belongs to the probe; `known` are those that do."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.known = known


class CheckFilter(NamedTuple):
    """A question: about one probe or, without one, all of them; about all checks or a single one; `exclude` sorted."""

    probe: Probe | None
    check: str | None = None
    exclude: tuple[str, ...] = ()


class Format(StrEnum):
    """The dialects, as `?format` names them."""

    JSON = "json"
    TEXT = "text"
    HEALTH_JSON = "health+json"


class ProbeQuery(NamedTuple):
    """What is asked, and how the answer is wanted; `details` tells that whoever asks may see them."""

    asked: CheckFilter
    format: Format = Format.JSON
    verbose: bool = False
    details: bool = False

    @property
    def path(self) -> str:
        """Return the word that stands for the probe in its path."""
        return PATHS[self.asked.probe]


class HealthReport(NamedTuple):
    """An answer that is not written yet.

    `checks` are those asked about, the excluded ones among them; `red` those that keep a probe from passing; `unknown`
    the names to exclude that no check has; `retry_after` is in seconds; `quarantined` names the features for which the
    check `features` does not pass.
    """

    verdict: ProbeResult
    checks: Mapping[str, State | Detail]
    red: frozenset[str]
    excluded: frozenset[str]
    unknown: tuple[str, ...]
    probes: Mapping[Probe, ProbeResult]
    retry_after: int | None
    quarantined: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Say whether whoever asks is to go on."""
        return self.verdict.status in (Status.PASS, Status.WARN)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what was asked and cannot be, in kube-apiserver's words; quoted, so that no name forges a line."""
        if not self.unknown:
            return ()
        return (f"some health checks cannot be excluded: no matches for {','.join(map(dumps, self.unknown))}",)


def worst(verdicts: Collection[ProbeResult]) -> ProbeResult:
    """Return one verdict out of several: the worst status, and every name once."""
    if len(verdicts) == 1:
        return next(iter(verdicts))
    status = max((one.status for one in verdicts), key=_BADNESS.index)
    lists = zip(*(one[1:] for one in verdicts), strict=True)
    return ProbeResult(status, *(tuple(dict.fromkeys(name for names in of_all for name in names)) for of_all in lists))


def red_ones(probe: Probe, answer: ProbeResult, checks: Mapping[str, State | Detail]) -> Iterator[str]:
    """Yield the names that keep a probe from passing: what fails, and what it waits for."""
    yield from answer.failing
    if probe is not Probe.LIVE:
        yield from (name for name in answer.pending if checks[name].severity is Severity.CRITICAL)
