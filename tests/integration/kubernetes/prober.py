"""kubelet's HTTP prober: one GET on a connection of its own, a deadline, and a verdict by the status alone."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

USER_AGENT = "kube-probe/1.30"
BODY_LIMIT = 10 << 10
"""Bytes of a body that kubelet reads (pkg/probe/http/http.go)."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A probe's settings, with the defaults of "Configure Probes"; times are seconds."""

    path: str
    port: int
    period: float = 10
    timeout: float = 1
    failures: int = 3
    successes: int = 1
    initial_delay: float = 0

    @classmethod
    def read(cls, given: Mapping[str, Any], port: int) -> "Probe":
        """Read a probe of a manifest, whose container listens on `port` here."""
        keys = {
            "periodSeconds": "period",
            "timeoutSeconds": "timeout",
            "failureThreshold": "failures",
            "successThreshold": "successes",
            "initialDelaySeconds": "initial_delay",
        }
        unknown = given.keys() - keys.keys() - {"httpGet"}
        assert not unknown, f"not emulated: {unknown}"
        return cls(path=given["httpGet"]["path"], port=port, **{keys[key]: given[key] for key in keys if key in given})


async def ask(probe: Probe) -> int | None:
    """Return the status, or None when no whole answer came in time.

    Headers as in pkg/probe/http/request.go; a redirect within the host would be followed, which no path here does.
    """
    try:
        async with asyncio.timeout(probe.timeout):
            return await _exchange(probe)
    except (OSError, EOFError, ValueError, TimeoutError):
        return None


async def _exchange(probe: Probe) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", probe.port)
    try:
        writer.write(
            f"GET {probe.path} HTTP/1.1\r\nHost: 127.0.0.1:{probe.port}\r\nUser-Agent: {USER_AGENT}\r\n"
            "Accept: */*\r\nConnection: close\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.read(BODY_LIMIT)
        return int(head.split()[1])
    finally:
        writer.close()
