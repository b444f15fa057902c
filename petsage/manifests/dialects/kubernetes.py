"""Kubernetes, as a patch: `kubectl patch deployment petsage --patch-file health.yml`.

The probes are meant for kubelet: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/.
"""

import json
from dataclasses import dataclass
from math import ceil

from petsage.manifests.healthcheck import explain_grace, explain_start, indented
from petsage.manifests.timings import Timings

_STARTUP_PERIOD = 2
_HEAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: petsage
spec:
  template:
    spec:"""


@dataclass(frozen=True)
class _KubernetesProbe:
    """One probe; each number comes with its reason."""

    name: str
    path: str
    period: tuple[int, str]
    timeout: tuple[int, str]
    failures: tuple[int, str]


def render(timings: Timings) -> str:
    """Return a Deployment that contains nothing else."""
    lines = [
        f"terminationGracePeriodSeconds: {timings.stop_grace}  # {explain_grace(timings)}",
        "containers:",
        "  - name: petsage",
        *indented([line for probe in _probes(timings) for line in _render_probe(timings, probe)], 4),
    ]
    return "\n".join([_HEAD, *indented(lines, 6)])


def _probes(timings: Timings) -> tuple[_KubernetesProbe, ...]:
    return _startup(timings), _readiness(timings), _liveness()


def _startup(timings: Timings) -> _KubernetesProbe:
    return _KubernetesProbe(
        "startupProbe",
        "/startupz",
        (_STARTUP_PERIOD, "until it passes once; the other probes wait for it"),
        _timeout(timings),
        (ceil(timings.start_period / _STARTUP_PERIOD), f"{timings.start_period} s in all: {explain_start(timings)}"),
    )


def _readiness(timings: Timings) -> _KubernetesProbe:
    slowest = timings.slowest_failure
    shown = f"; a failure of the slowest check shows within {slowest} s" if slowest else ""
    return _KubernetesProbe(
        "readinessProbe",
        "/readyz",
        (timings.interval, f"traffic stops within {2 * timings.interval} s of a failing answer{shown}"),
        _timeout(timings),
        (2, "one lost answer is not an outage"),
    )


def _liveness() -> _KubernetesProbe:
    return _KubernetesProbe(
        "livenessProbe",
        "/livez",
        (10, "a restart is the last resort: no need to hurry"),
        (3, "a slow process is not a dead one"),
        (3, "restarted after half a minute without an answer; external checks do not count"),
    )


def _timeout(timings: Timings) -> tuple[int, str]:
    if timings.reachable_by_port:
        return 1, "answers come from memory, in a millisecond or two"
    return timings.timeout, f"above petsage-probe's own timeout of {timings.probe_timeout} s"


def _render_probe(timings: Timings, probe: _KubernetesProbe) -> list[str]:
    keys = ("periodSeconds", "timeoutSeconds", "failureThreshold")
    numbers = zip(keys, (probe.period, probe.timeout, probe.failures), strict=True)
    lines = [_action(timings, probe.path), *(f"{key}: {number}  # {reason}" for key, (number, reason) in numbers)]
    return [f"{probe.name}:", *indented(lines, 2)]


def _action(timings: Timings, path: str) -> str:
    if timings.reachable_by_port:
        return f"httpGet: {{path: {path}, port: {timings.server.port}}}"
    command = json.dumps(["petsage-probe", timings.url(path)])
    return f"exec: {{command: {command}}}  # it listens where kubelet cannot reach it"
