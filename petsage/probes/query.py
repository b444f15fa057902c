"""Query of a probe: the checks it is about, and the format of the answer."""

from typing import NamedTuple

from petsage.checks import Probe

PATHS = {Probe.LIVE: "livez", Probe.READY: "readyz", Probe.STARTUP: "startupz", None: "health"}


class ProbeQuery(NamedTuple):
    """Query of one probe or, without one, of all of them: of all checks or of a single one.

    `exclude` is sorted, so that equal queries are equal. `format` is the name of a renderer. `verbose` lists the
    checks. `details` is true for a client that may see reasons, observations and the identity of the service.
    """

    probe: Probe | None
    check: str | None = None
    exclude: tuple[str, ...] = ()
    format: str = "json"
    verbose: bool = False
    details: bool = False

    @property
    def path(self) -> str:
        """The path of the probe, without slashes."""
        return PATHS[self.probe]

    @property
    def probes(self) -> tuple[Probe, ...]:
        """The probes that the query is about."""
        return tuple(Probe) if self.probe is None else (self.probe,)

    @property
    def lists_checks(self) -> bool:
        """True if a JSON answer has each check: `?verbose`, and always in `/health`."""
        return self.verbose or self.probe is None
