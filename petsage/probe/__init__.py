"""petsage-probe: requests one URL once, prints one line, exits with 0 for a 2xx response and with 1 for anything else.

It is a container's healthcheck, run every few seconds for years, so it has to cost no more than the start of a bare
interpreter: it imports nothing but `_socket` and modules that are built into CPython (no typing, no re, no argparse),
nothing of the other packages, and parses arguments, URL and response by hand. Exit status 2 is never used (Docker's
HEALTHCHECK reserves it), and the line fits into the 4096 bytes that Docker keeps.

A second thread makes the request while the main thread waits for it until the deadline: a name server or a peer that
hangs, or sends slowly or without end, is abandoned, and the line names the step that was under way.
"""

import os
import sys
from _thread import allocate_lock, start_new_thread
from time import monotonic

from petsage.probe.request import ProbeRequest
from petsage.probe.response import MAX_BODY_BYTES
from petsage.probe.url import ProbeUrl, UsageError, parse_probe_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

DEFAULT_URL = "http://127.0.0.1:8080/smoke-test"
DEFAULT_TIMEOUT = 2.0
MAX_TIMEOUT = 3600
MAX_LINE_BYTES = 4096
USAGE = "usage: petsage-probe [URL] [--timeout SECONDS]"
HELP = f"""{USAGE}

Requests URL once, prints one line, and exits with 0 for a complete 2xx response and with 1 for anything else.

  URL        http://HOST[:PORT][/PATH][?QUERY], or unix:SOCKET[:/PATH] (without a path: /smoke-test);
             otherwise the environment variable PETSAGE_PROBE_URL, otherwise {DEFAULT_URL}
  --timeout  one deadline for everything, in seconds: 2, 0.5, 2s, 500ms (default: {DEFAULT_TIMEOUT:g});
             keep it below the timeout of the healthcheck that runs this, or the line is lost

No proxy is used and no redirect followed. Of a body the first {MAX_BODY_BYTES} bytes are read.
"""


def parse_arguments(arguments: list[str], environment_url: str) -> tuple[ProbeUrl, float]:
    """Return the URL to request and the timeout in seconds; raise `UsageError`."""
    urls, timeout = [], DEFAULT_TIMEOUT
    remaining = iter(arguments)
    for argument in remaining:
        option, equals, value = argument.partition("=")
        if option == "--timeout":
            timeout = _parse_seconds(value if equals else next(remaining, ""))
        elif argument.startswith("-"):
            raise UsageError(f"unknown option {option!a}")
        else:
            urls.append(argument)
    if len(urls) > 1:
        raise UsageError("more than one URL")
    url = _parse_named_url(*urls) if urls else _parse_named_url(environment_url or DEFAULT_URL, "PETSAGE_PROBE_URL")
    return url, timeout


def _parse_named_url(url: str, name: str = "the URL") -> ProbeUrl:
    try:
        return parse_probe_url(url)
    except UsageError as error:
        raise UsageError(f"{name} {error}") from error


def _parse_seconds(text: str) -> float:
    number, unit = (text[:-2], 1000) if text.endswith("ms") else (text.removesuffix("s"), 1)
    digits = number.replace(".", "", 1)
    if not (digits.isascii() and digits.isdecimal() and 0 < float(number) / unit <= MAX_TIMEOUT):
        raise UsageError(f"--timeout takes seconds, above 0 and at most {MAX_TIMEOUT}, such as 2, 0.5, 2s or 500ms")
    return float(number) / unit


def _request(url: ProbeUrl, timeout: float) -> tuple[bool, str]:
    """Return whether the probe passed, and the line to print; both at the deadline at the latest."""
    request = ProbeRequest(url, monotonic() + timeout)
    done = allocate_lock()
    done.acquire()
    start_new_thread(request.run, (done,))
    if done.acquire(timeout=timeout):
        return request.passed, request.line
    return False, f"{request.step}: timed out after {timeout:g} s"


def _print_line(text: str, stream: object, descriptor: int) -> None:
    """Write one line of at most MAX_LINE_BYTES bytes, with control and other non-printable characters escaped."""
    shown = text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    line = shown.encode()[: MAX_LINE_BYTES - 1].decode("utf-8", "ignore")
    _write(f"{line}\n", stream, descriptor)


def _write(text: str, stream: object, descriptor: int) -> None:
    """Write to the descriptor of a standard stream; a reader that is gone does not change the exit status."""
    if stream is None:  # closed at the start: the connection may have got its descriptor since
        return
    try:
        os.write(descriptor, text.encode())
    except OSError:
        return


def main() -> "NoReturn":
    """Run the command line, and exit at once, without waiting for the thread of the request."""
    arguments = sys.argv[1:]
    if "-h" in arguments or "--help" in arguments:
        _write(HELP, sys.stdout, 1)
        os._exit(0)
    passed = False
    try:
        passed, line = _request(*parse_arguments(arguments, os.environ.get("PETSAGE_PROBE_URL", "").strip()))
        _print_line(line, sys.stdout, 1)
    except UsageError as error:
        _print_line(f"petsage-probe: {error} ({USAGE})", sys.stderr, 2)
    except KeyboardInterrupt:
        _print_line("interrupted", sys.stdout, 1)
    except RuntimeError as error:
        _print_line(f"starting: {error}", sys.stdout, 1)
    os._exit(0 if passed else 1)
