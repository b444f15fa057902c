"""A Deployment's part: `kubectl patch deployment petsage --patch-file health.yml`.

The rules are those of kubelet's prober: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/.
"""

import json
from dataclasses import dataclass
from math import ceil

from petsage.manifests.healthcheck import grace_reason, indented, start_reason
from petsage.manifests.timings import Timings

_HEAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: petsage
spec:
  template:
    spec:"""


@dataclass(frozen=True)
class _Probe:
    name: str
    path: str
    period: tuple[int, str]
    timeout: tuple[int, str]
    failures: tuple[int, str]


def write(fit: Timings) -> str:
    """Return a Deployment that holds nothing else."""
    lines = [
        f"terminationGracePeriodSeconds: {fit.grace}  # {grace_reason(fit)}",
        "containers:",
        "  - name: petsage",
        *indented([line for probe in _probes(fit) for line in _written(fit, probe)], 4),
    ]
    return "\n".join([_HEAD, *indented(lines, 6)])


def _probes(fit: Timings) -> tuple[_Probe, ...]:
    asked = _asked(fit)
    within = f"; the slowest check tells within {fit.slowest} s" if fit.slowest else ""
    return (
        _Probe(
            "startupProbe",
            "/startupz",
            (2, "so often until it passes once; the other probes wait for it"),
            (asked, _answer(fit)),
            (ceil(fit.start_period / 2), f"{fit.start_period} s in all: {start_reason(fit)}"),
        ),
        _Probe(
            "readinessProbe",
            "/readyz",
            (fit.interval, f"traffic stops within {2 * fit.interval} s of a red answer{within}"),
            (asked, _answer(fit)),
            (2, "one lost answer is no outage"),
        ),
        _Probe(
            "livenessProbe",
            "/livez",
            (10, "a restart is the last resort: no need to hurry"),
            (3, "slow is not dead"),
            (3, "restarted after half a minute without an answer; no check that leaves the process counts"),
        ),
    )


def _asked(fit: Timings) -> int:
    return 1 if fit.reachable else fit.timeout


def _answer(fit: Timings) -> str:
    if fit.reachable:
        return "answers come from memory, in a millisecond or two"
    return f"above petsage-probe's own deadline of {fit.probe} s"


def _written(fit: Timings, probe: _Probe) -> list[str]:
    keys = ("periodSeconds", "timeoutSeconds", "failureThreshold")
    numbers = zip(keys, (probe.period, probe.timeout, probe.failures), strict=True)
    lines = [_how(fit, probe.path), *(f"{key}: {number}  # {reason}" for key, (number, reason) in numbers)]
    return [f"{probe.name}:", *indented(lines, 2)]


def _how(fit: Timings, path: str) -> str:
    if fit.reachable:
        return f"httpGet: {{path: {path}, port: {fit.server.port}}}"
    command = json.dumps(["petsage-probe", fit.url(path)])
    return f"exec: {{command: {command}}}  # it listens where kubelet cannot reach it"
