"""The numbers of a healthcheck, and how each follows from the configuration; all of them whole seconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from math import ceil

from petsage import PetSageError
from petsage.checks import CheckSpec, Probe
from petsage.probe import DEFAULT_TIMEOUT
from petsage.server import CLEANUP_SECONDS
from petsage.settings import ServerSettings, Settings

RETRIES = 3
_OFTEN, _SELDOM = 2, 5
_EXIT = 2
_UNSPECIFIED = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (what a server listens at)


class NotProbeableError(PetSageError, ValueError):
    """No healthcheck can ask this configuration; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Timings:
    """What a dialect needs.

    `base` is what the probe puts before a path, `first_result` when every check has one, `slowest` when the slowest
    check has told of a failure, `outside` the checks that leave the process.
    """

    server: ServerSettings
    base: str
    interval: int
    first_result: int
    slowest: int
    outside: tuple[str, ...]

    @property
    def probe(self) -> int:
        """The probe's own deadline."""
        return ceil(DEFAULT_TIMEOUT)

    @property
    def timeout(self) -> int:
        """Above the probe's own deadline, so that its line is kept."""
        return self.probe + 1

    @property
    def start_period(self) -> int:
        """Above the longest start and the first results."""
        return _rounded(self.server.start_timeout + self.first_result + _EXIT)

    @property
    def grace(self) -> int:
        """Above the longest stop."""
        return _rounded(self.server.drain + self.server.shutdown + CLEANUP_SECONDS + _EXIT)

    @property
    def verdict_after(self) -> int:
        """Until as many asks in a row have failed that it counts, their timeouts included."""
        return (self.interval + self.timeout) * RETRIES

    @property
    def reachable(self) -> bool:
        """Say whether it can be asked from outside its container, by port."""
        return self.server.unix_socket is None and not _is_loopback(self.server.host)

    def url(self, path: str) -> str:
        """Return what the probe is to ask."""
        return f"{self.base}{path}"


def derive_timings(settings: Settings, specs: Iterable[CheckSpec]) -> Timings:
    """Return the numbers for these settings and checks; raise `NotProbeableError`."""
    if not settings.feature("health").enabled:
        raise NotProbeableError("features.health.enabled is false: without it there are no probes to ask")
    asked = [spec for spec in specs if spec.enabled]
    ready = [spec for spec in asked if Probe.READY in spec.probes]
    fastest = min((spec.interval for spec in asked), default=_SELDOM)
    return Timings(
        server=settings.server,
        base=_base(settings.server),
        interval=ceil(min(max(fastest, _OFTEN), _SELDOM)),
        first_result=ceil(1 + max((spec.timeout for spec in asked), default=0)),
        slowest=ceil(max((spec.interval * spec.fall + spec.timeout for spec in ready), default=0)),
        outside=_outside(ready),
    )


def _base(server: ServerSettings) -> str:
    if server.unix_socket is not None:
        return f"unix:{server.unix_socket}:"
    if server.port == 0:
        raise NotProbeableError("server.port is 0, which is another port at each start: choose one")
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"http://{_UNSPECIFIED.get(server.host, host)}:{server.port}"


def _outside(specs: Sequence[CheckSpec]) -> tuple[str, ...]:
    """Return the names of the checks that are not known to stay within the process."""
    return tuple(spec.name for spec in specs if spec.external is not False)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _rounded(seconds: float) -> int:
    """Round up to a multiple of five: nobody believes in 37."""
    return ceil(seconds / 5) * 5
