"""Command line and environment of the probe, and the request that a peer gets."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from petsage.probe import HELP, USAGE
from tests.support.probe_peers import (
    LONG,
    SCRIPT,
    ProbeResult,
    answer,
    answers,
    answers_and_hangs,
    environment,
    full_queue,
    listening,
    probe,
)
from tests.support.require import require, require_script

UP = answers(answer("200 OK", b"up"))
REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: petsage-probe\r\n"
    "Accept: application/json\r\nConnection: close\r\n\r\n"
)
SECONDS = "--timeout takes seconds, above 0 and at most 3600, such as 2, 0.5, 2s or 500ms"
FORM = "must be http://HOST[:PORT][/PATH] or unix:SOCKET[:/PATH]"
ENCODE = "contains a space, a control or a non-ASCII character, write it percent-encoded"
USER = "contains a user or password, which the probe does not send"
AT = "contains an '@' after the host, write it as %40"
PORT = "has a port that is not a number from 1 to 65535"
BRACKETS = "must have its IPv6 address in brackets, as in http://[::1]:8080"

NO_URLS = {
    "": FORM,
    "127.0.0.1:8080": FORM,
    "http:/127.0.0.1": FORM,
    "ftp://someone:secret@127.0.0.1/": FORM,
    "https://127.0.0.1/": "https:// is not supported, ask http:// on the loopback address",
    "http://": "lacks a host",
    "http:///smoke-test": "lacks a host",
    "http://:8080/": "lacks a host",
    "http://[]:8080/": "lacks a host",
    "http://someone:secret@127.0.0.1/": USER,
    "http://someone@127.0.0.1/": USER,
    "http://someone:12/secret@127.0.0.1/": AT,
    "http://someone:12?secret@127.0.0.1/": AT,
    "http://someone:12#secret@127.0.0.1/": AT,
    "http://127.0.0.1:0/": PORT,
    "http://127.0.0.1:65536/": PORT,
    "http://127.0.0.1:-1/": PORT,
    "http://127.0.0.1:+1/": PORT,
    "http://127.0.0.1:http/": PORT,
    "http://127.0.0.1:" + "9" * 5000: PORT,
    "http://::1/": BRACKETS,
    "http://[::1/": BRACKETS,
    "http://[::1]x/": BRACKETS,
    "http://127.0.0.1/a b": ENCODE,
    "http://127.0.0.1/\r\nX: y": ENCODE,
    "http://127.0.0.1\r\n/": ENCODE,
    "http://127.0.0.1/straße": ENCODE,
    "http://straße/": ENCODE,
    "unix:/run/x.sock:/a b": ENCODE,
    "unix:": "lacks the path of a socket, as in unix:/run/petsage.sock:/smoke-test",
    "unix::/smoke-test": "lacks the path of a socket, as in unix:/run/petsage.sock:/smoke-test",
}

NO_TIMEOUTS = (
    "",
    "0",
    "0ms",
    "-1",
    "nan",
    "inf",
    "1e3",
    "soon",
    "1_0",
    " 1",
    ".",
    "1.2.3",
    "1m",
    "2ss",
    "3601",
    "٣",
    "9" * 5000,
)
PATHS = {"": "/", "/": "/", "/a?b=c#d": "/a?b=c", "?b=c": "/?b=c", "#d": "/", "/%20//../x:/y%40z": "/%20//../x:/y%40z"}
UNIX_PATHS = {"": "/smoke-test", ":/": "/", ":/a?b=http://c#d": "/a?b=http://c"}


@pytest.mark.parametrize(("url", "why"), NO_URLS.items(), ids=[url[:40] for url in NO_URLS])
def test_what_is_no_url_is_an_error_that_does_not_repeat_it(url: str, why: str) -> None:
    assert probe(url) == ProbeResult(1, "", f"petsage-probe: the URL {why} ({USAGE})\n")


@pytest.mark.parametrize("seconds", NO_TIMEOUTS, ids=[seconds[:10] for seconds in NO_TIMEOUTS])
def test_what_is_no_timeout_is_an_error(seconds: str) -> None:
    assert probe(timeout=seconds) == ProbeResult(1, "", f"petsage-probe: {SECONDS} ({USAGE})\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--timeout",), SECONDS),
        (("--timeout=",), SECONDS),
        (("-t", "3"), "unknown option '-t'"),
        (("--tim\x1b=3",), r"unknown option '--tim\x1b'"),
        (("http://127.0.0.1/", "http://127.0.0.1/"), "more than one URL"),
    ],
)
def test_a_wrong_command_line_is_an_error_that_says_how_to_write_it(arguments: tuple[str, ...], why: str) -> None:
    assert probe(*arguments, timeout=None) == ProbeResult(1, "", f"petsage-probe: {why} ({USAGE})\n")


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("nonsense", "--help", "--bad")])
def test_help_is_given(arguments: tuple[str, ...]) -> None:
    assert probe(*arguments) == ProbeResult(0, HELP)


@pytest.mark.parametrize(
    "arguments", [("--timeout", "10"), ("--timeout=9.5s",), ("--timeout", "9999ms"), ("--timeout=9.",)]
)
def test_a_timeout_is_given_in_seconds(arguments: tuple[str, ...]) -> None:
    with listening(UP) as peer:
        assert probe(*arguments, peer.url, timeout=None) == ProbeResult(0, "200 up\n")


@pytest.mark.parametrize(("written", "asked"), PATHS.items())
def test_the_request_says_what_the_url_says(written: str, asked: str) -> None:
    with listening(UP) as peer:
        assert probe(f" HTTP://{peer.name}{written}\n") == ProbeResult(0, "200 up\n")
    assert peer.received == [REQUEST.format(path=asked, host=peer.name).encode()]


@pytest.mark.parametrize(("written", "asked"), UNIX_PATHS.items())
def test_a_unix_socket_is_asked(written: str, asked: str, tmp_path: Path) -> None:
    path = tmp_path / "a socket"
    with listening(UP, socket.AF_UNIX, str(path)) as peer:
        assert probe(f"unix:{path}{written}") == ProbeResult(0, "200 up\n")
    assert peer.received == [REQUEST.format(path=asked, host="localhost").encode()]


def test_a_unix_socket_without_a_listener_fails(tmp_path: Path) -> None:
    path = tmp_path / "gone\n.sock"
    missing = probe(f"unix:{path}:/")
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    refused = probe(f"unix:{path}:/")
    name = f"unix:{path}".replace("\n", r"\n")
    assert missing == ProbeResult(1, f"connecting to {name}: No such file or directory\n")
    assert refused == ProbeResult(1, f"connecting to {name}: refused, nothing listens there\n")


def test_a_unix_socket_with_too_long_a_path_fails() -> None:
    name = f"unix:/{'x' * 200}"
    assert probe(name) == ProbeResult(1, f"connecting to {name}: AF_UNIX path too long\n")


def test_without_a_url_the_environment_is_asked() -> None:
    with listening(UP) as peer:
        assert probe(environ={"PETSAGE_PROBE_URL": f"{peer.url}livez\n"}) == ProbeResult(0, "200 up\n")
    assert peer.received == [REQUEST.format(path="/livez", host=peer.name).encode()]


def test_the_command_line_overrides_the_environment() -> None:
    with listening(UP) as peer:
        assert probe(peer.url, environ={"PETSAGE_PROBE_URL": "nonsense"}) == ProbeResult(0, "200 up\n")


def test_a_wrong_url_in_the_environment_is_named_so() -> None:
    assert probe(environ={"PETSAGE_PROBE_URL": "nonsense"}) == ProbeResult(
        1, "", f"petsage-probe: PETSAGE_PROBE_URL {FORM} ({USAGE})\n"
    )


@pytest.mark.parametrize("environ", [{}, {"PETSAGE_PROBE_URL": ""}, {"PETSAGE_PROBE_URL": " "}])
def test_without_any_url_the_smoke_test_on_port_8080_is_asked(environ: dict[str, str]) -> None:
    verdict = probe(command=_with_resolver("raise OSError(repr(asked[:2]))"), environ=environ)
    assert verdict == ProbeResult(1, "resolving 127.0.0.1:8080: (b'127.0.0.1', 8080)\n")


def test_proxies_are_ignored() -> None:
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"), "http://127.0.0.1:1")
    with listening(UP) as peer:
        assert probe(peer.url, environ=proxies) == ProbeResult(0, "200 up\n")


def test_an_ipv6_address_is_asked() -> None:
    require(_has_ipv6(), "::1 cannot be listened on: sysctl net.ipv6.conf.lo.disable_ipv6=0")
    with listening(UP, socket.AF_INET6, ("::1", 0)) as peer:
        assert probe(f"http://[::1]:{peer.port}/") == ProbeResult(0, "200 up\n")
    assert peer.received == [REQUEST.format(path="/", host=f"[::1]:{peer.port}").encode()]


def test_localhost_is_both_its_addresses() -> None:
    require(_has_ipv6(), "::1 cannot be listened on: sysctl net.ipv6.conf.lo.disable_ipv6=0")
    with listening(UP, socket.AF_INET6, ("::1", 0)) as peer:
        six = probe(f"http://localhost:{peer.port}/")
    refused = probe(f"http://localhost:{peer.port}/")
    with listening(UP) as peer_of_four:
        four = probe(f"http://LocalHost:{peer_of_four.port}/")
    why = "127.0.0.1 refused, nothing listens there; ::1 refused, nothing listens there"
    assert (six, four) == (ProbeResult(0, "200 up\n"), ProbeResult(0, "200 up\n"))
    assert refused == ProbeResult(1, f"connecting to localhost:{peer.port}: {why}\n")


def test_an_address_that_hangs_leaves_time_for_the_next_one() -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(full_queue())
        peer = stack.enter_context(listening(UP))
        addresses = [(2, 1, 6, "", listener.getsockname()), (2, 1, 6, "", ("127.0.0.1", peer.port))]
        command = _with_resolver(f"return {addresses}")
        assert probe("http://two.example/", timeout="2", command=command) == ProbeResult(0, "200 up\n")


def test_a_resolver_that_hangs_is_left_when_the_deadline_has_come() -> None:
    verdict = probe("http://db.example/", timeout="0.2", command=_with_resolver(f"time.sleep({LONG})"))
    assert verdict == ProbeResult(1, "resolving db.example:80: timed out after 0.2 s\n")


def test_an_unknown_host_name_fails() -> None:
    unknown = _with_resolver("raise _socket.gaierror(-2, 'Name or service not known')")
    verdict = probe("http://db.example:81/", command=unknown)
    assert verdict == ProbeResult(1, "resolving db.example:81: Name or service not known\n")


@pytest.mark.parametrize("closed", [">&-", "<&- >&-", "<&- >&- 2>&-", ">/dev/full"])
def test_a_closed_standard_output_changes_no_verdict_and_no_request(closed: str) -> None:
    shell = ("/bin/sh", "-c", f'exec "$0" "$@" {closed}', sys.executable, str(SCRIPT))
    with listening(UP) as peer:
        verdicts = [probe(peer.url, command=shell), probe("nonsense", command=shell).code]
    assert verdicts == [ProbeResult(0, ""), 1]
    assert peer.received == [REQUEST.format(path="/", host=peer.name).encode()]


def test_a_reader_who_is_gone_changes_no_verdict() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with listening(UP) as peer:
        done = subprocess.run(
            [sys.executable, SCRIPT, peer.url], env=environment(), stdout=writing, stderr=subprocess.PIPE, check=False
        )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_interrupt_ends_it_without_a_traceback() -> None:
    with listening(answers_and_hangs(b"")) as peer:
        process = subprocess.Popen(
            [sys.executable, SCRIPT, peer.url, "--timeout", f"{LONG}"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert peer.asked.wait(LONG)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONG)
    assert (process.returncode, out, err) == (1, b"interrupted\n", b"")


def test_the_installed_script_does_the_same() -> None:
    installed = require_script("petsage-probe")
    with listening(UP) as peer:
        assert probe(peer.url, command=(installed,)) == ProbeResult(0, "200 up\n")


def test_the_module_does_the_same() -> None:
    with listening(UP) as peer:
        assert probe(peer.url, command=(sys.executable, "-m", "petsage.probe")) == ProbeResult(0, "200 up\n")


def test_the_script_can_be_installed_as_it_is() -> None:
    assert SCRIPT.read_text().startswith("#!python\n")
    assert os.access(SCRIPT, os.X_OK), "without its executable bit older pips install a script that cannot be run"


def _with_resolver(body: str) -> tuple[str, ...]:
    """Return a command that is the probe on a machine whose name resolution is `body`."""
    resolver = f"import _socket, time\ndef resolve(*asked): {body}\n_socket.getaddrinfo = resolve\n"
    return (sys.executable, "-c", f"{resolver}from petsage.probe import main\nmain()")


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
