"""petsage-probe: asks one URL once, says in one line what came back, and exits 0 for a 2xx, 1 for all else.

It is a container's healthcheck, run every few seconds for years, and has to cost a bare interpreter's start: it
imports nothing but `_socket` and what CPython is born with (no typing, no re, no argparse), nothing of the other
rooms, and reads arguments, URL and answer by hand. The exit status 2 is never used (Docker's HEALTHCHECK reserves
it), and the line fits into the 4096 bytes that Docker keeps.

One thread asks while the main one holds the deadline: a name server or a peer that hangs, drips or never ends is left
behind where it is, and the line names the step it was at.
"""

import os
import sys
from _thread import allocate_lock, start_new_thread
from time import monotonic

from petsage.probe.request import ProbeRequest
from petsage.probe.response import BODY_LIMIT
from petsage.probe.url import ProbeUrl, UsageError, parse_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

DEFAULT_URL = "http://127.0.0.1:8080/smoke-test"
DEFAULT_TIMEOUT = 2.0
LONGEST_TIMEOUT = 3600
LINE_LIMIT = 4096
USAGE = "usage: petsage-probe [URL] [--timeout SECONDS]"
HELP = f"""{USAGE}

Asks URL once, says in one line what came back, and exits 0 for a whole 2xx, 1 for all else.

  URL        http://HOST[:PORT][/PATH][?QUERY], or unix:SOCKET[:/PATH] (without a path: /smoke-test);
             otherwise the environment variable PETSAGE_PROBE_URL, otherwise {DEFAULT_URL}
  --timeout  one deadline for everything, in seconds: 2, 0.5, 2s, 500ms (default: {DEFAULT_TIMEOUT:g});
             keep it below the timeout of the healthcheck that runs this, or the line is lost

No proxy is used and no redirect followed. Of a body the first {BODY_LIMIT} bytes are read.
"""


def parse_arguments(arguments: list[str], environment_url: str) -> tuple[ProbeUrl, float]:
    """Return what to ask and the seconds it may take; raise UsageError."""
    urls, timeout = [], DEFAULT_TIMEOUT
    left = iter(arguments)
    for argument in left:
        option, equals, value = argument.partition("=")
        if option == "--timeout":
            timeout = _seconds(value if equals else next(left, ""))
        elif argument.startswith("-"):
            raise UsageError(f"unknown option {option!a}")
        else:
            urls.append(argument)
    if len(urls) > 1:
        raise UsageError("more than one URL")
    return _target(*urls) if urls else _target(environment_url or DEFAULT_URL, "PETSAGE_PROBE_URL"), timeout


def _target(url: str, name: str = "the URL") -> ProbeUrl:
    try:
        return parse_url(url)
    except UsageError as error:
        raise UsageError(f"{name} {error}") from error


def _seconds(text: str) -> float:
    number, unit = (text[:-2], 1000) if text.endswith("ms") else (text.removesuffix("s"), 1)
    digits = number.replace(".", "", 1)
    if not (digits.isascii() and digits.isdecimal() and 0 < float(number) / unit <= LONGEST_TIMEOUT):
        raise UsageError(f"--timeout takes seconds, above 0 and at most {LONGEST_TIMEOUT}, such as 2, 0.5, 2s or 500ms")
    return float(number) / unit


def _ask(target: ProbeUrl, timeout: float) -> tuple[bool, str]:
    question = ProbeRequest(target, monotonic() + timeout)
    done = allocate_lock()
    done.acquire()
    start_new_thread(question.run, (done,))
    if done.acquire(timeout=timeout):
        return question.passed, question.line
    return False, f"{question.step}: timed out after {timeout:g} s"


def _say(text: str, stream: object, number: int) -> None:
    """Write one line of at most LINE_LIMIT bytes, with what a terminal would obey instead of show escaped."""
    shown = text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    line = shown.encode()[: LINE_LIMIT - 1].decode("utf-8", "ignore")
    _write(f"{line}\n", stream, number)


def _write(text: str, stream: object, number: int) -> None:
    """Write to a standard stream by its number; a reader who is gone changes no verdict."""
    if stream is None:  # closed at the start: its number may be the connection's by now
        return
    try:
        os.write(number, text.encode())
    except OSError:
        return


def main() -> "NoReturn":
    """Ask as the command line says, and end the process at once, with whatever its thread is hanging in."""
    arguments = sys.argv[1:]
    if "-h" in arguments or "--help" in arguments:
        _write(HELP, sys.stdout, 1)
        os._exit(0)
    passed = False
    try:
        passed, line = _ask(*parse_arguments(arguments, os.environ.get("PETSAGE_PROBE_URL", "").strip()))
        _say(line, sys.stdout, 1)
    except UsageError as error:
        _say(f"petsage-probe: {error} ({USAGE})", sys.stderr, 2)
    except KeyboardInterrupt:
        _say("interrupted", sys.stdout, 1)
    except RuntimeError as error:
        _say(f"starting: {error}", sys.stdout, 1)
    os._exit(0 if passed else 1)
