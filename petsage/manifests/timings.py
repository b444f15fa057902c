"""Timings of a healthcheck, derived from the configuration; all are whole seconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from math import ceil

from petsage import PetSageError
from petsage.checks import CheckSpec, Probe
from petsage.probe import DEFAULT_TIMEOUT
from petsage.server.shutdown import CLEANUP_SECONDS
from petsage.settings import ServerSettings, Settings

RETRIES = 3
_MIN_INTERVAL, _MAX_INTERVAL = 2, 5
_EXIT_SECONDS = 2
_UNSPECIFIED = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (addresses that a server listens on)


class NotProbeableError(PetSageError, ValueError):
    """A configuration that no healthcheck can probe; the text is the reason."""


@dataclass(frozen=True, kw_only=True)
class Timings:
    """Numbers that all dialects render.

    Attributes:
        server: The section `server` of the configuration.
        base_url: The URL of the server without a path, as `petsage-probe` takes it.
        interval: Seconds between two probes.
        first_result: Seconds after which every check has its first result.
        slowest_failure: Worst-case seconds until a failure shows in readiness; 0 without checks.
        external: Names of the external readiness checks.
    """

    server: ServerSettings
    base_url: str
    interval: int
    first_result: int
    slowest_failure: int
    external: tuple[str, ...]

    @property
    def probe_timeout(self) -> int:
        """Timeout of `petsage-probe` itself."""
        return ceil(DEFAULT_TIMEOUT)

    @property
    def timeout(self) -> int:
        """Timeout of a probe: above that of `petsage-probe`, which would be killed before it prints its line."""
        return self.probe_timeout + 1

    @property
    def start_period(self) -> int:
        """Time for a start: above `server.start_timeout` and the first results."""
        return _round_up(self.server.start_timeout + self.first_result + _EXIT_SECONDS)

    @property
    def stop_grace(self) -> int:
        """Time for a stop: above the drain, the shutdown and the exit of the process."""
        return _round_up(self.server.drain + self.server.shutdown + CLEANUP_SECONDS + _EXIT_SECONDS)

    @property
    def unhealthy_after(self) -> int:
        """Time until a server that hangs is unhealthy: `RETRIES` probes, their timeouts included."""
        return (self.interval + self.timeout) * RETRIES

    @property
    def reachable_by_port(self) -> bool:
        """Whether the server can be probed from outside its container."""
        return self.server.unix_socket is None and not _is_loopback(self.server.host)

    def url(self, path: str) -> str:
        """Return the URL of a path, as `petsage-probe` takes it."""
        return f"{self.base_url}{path}"


def derive_timings(settings: Settings, specs: Iterable[CheckSpec]) -> Timings:
    """Derive the timings from settings and checks; raise `NotProbeableError`."""
    if not settings.feature("health").enabled:
        raise NotProbeableError("features.health.enabled is false: without it there is no probe endpoint")
    enabled = [spec for spec in specs if spec.enabled]
    ready = [spec for spec in enabled if Probe.READY in spec.probes]
    fastest = min((spec.interval for spec in enabled), default=_MAX_INTERVAL)
    return Timings(
        server=settings.server,
        base_url=_base_url(settings.server),
        interval=ceil(min(max(fastest, _MIN_INTERVAL), _MAX_INTERVAL)),
        first_result=ceil(1 + max((spec.timeout for spec in enabled), default=0)),
        slowest_failure=ceil(max((spec.interval * spec.fall + spec.timeout for spec in ready), default=0)),
        external=_outside(ready),
    )


def _base_url(server: ServerSettings) -> str:
    if server.unix_socket is not None:
        return f"unix:{server.unix_socket}:"
    if server.port == 0:
        raise NotProbeableError("server.port is 0, which means another port at each start: choose one")
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"http://{_UNSPECIFIED.get(server.host, host)}:{server.port}"


def _outside(specs: Sequence[CheckSpec]) -> tuple[str, ...]:
    """Return the names of the checks that are external, or may be."""
    return tuple(spec.name for spec in specs if spec.external is not False)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _round_up(seconds: float) -> int:
    """Round up to a multiple of five seconds: the numbers are estimates."""
    return ceil(seconds / 5) * 5
