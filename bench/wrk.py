"""Load by wrk."""

import re
import subprocess
from typing import NamedTuple

from bench.bench import CannotMeasure

CONNECTIONS = 16
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
_ENDS_LATE = 30.0
_ERRORS = re.compile(r"^ +(Socket errors: .*|Non-2xx or 3xx responses: .*)$", re.MULTILINE)


class Load(NamedTuple):
    """Result of a load: `throughput` in requests a second, percentiles in milliseconds."""

    requests: int
    throughput: float
    p50: float
    p99: float


def drive(url: str, *, seconds: int, connections: int = CONNECTIONS) -> Load:
    """Load a URL over a number of connections; raise `CannotMeasure` for anything but successes."""
    return finish(begin(url, seconds=seconds, connections=connections), url)


def begin(url: str, *, seconds: int, connections: int) -> "subprocess.Popen[str]":
    """Start a load, and return at once; `finish` takes the result."""
    command = [
        "wrk",
        "--threads",
        "1",
        "--connections",
        str(connections),
        "--duration",
        f"{seconds}s",
        "--latency",
        url,
    ]
    command += ["--timeout", "10s", "--latency", url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process: "subprocess.Popen[str]", url: str) -> Load:
    """Wait until wrk has exited, and return its result."""
    try:
        output, _ = process.communicate(timeout=_ENDS_LATE)
    finally:
        process.kill()
    if process.returncode:
        raise CannotMeasure(f"wrk {url}: {output.strip()}")
    return read(output, url)


def read(output: str, url: str) -> Load:
    """Parse the output of wrk; raise `CannotMeasure` if it reports errors, or no requests."""
    if errors := _ERRORS.findall(output):
        raise CannotMeasure(f"{url} failed under load: {'; '.join(errors)}")
    (requests,) = _groups(r"^ +(\d+) requests in ", output)
    if requests == "0":
        raise CannotMeasure(f"{url} answered nothing under load")
    (throughput,) = _groups(r"^Requests/sec: +([\d.]+)", output)
    return Load(int(requests), float(throughput), _percentile("50%", output), _percentile("99%", output))


def _percentile(name: str, output: str) -> float:
    number, unit = _groups(rf"^ +{name} +([\d.]+)([a-z]+)$", output)
    return float(number) * _MILLISECONDS[unit]


def _groups(pattern: str, output: str) -> tuple[str, ...]:
    found = re.search(pattern, output, re.MULTILINE)
    if found is None:
        raise CannotMeasure(f"wrk printed something else than expected:\n{output}")
    return found.groups()
