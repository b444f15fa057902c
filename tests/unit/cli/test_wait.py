"""`petsage wait`: what counts as ready, and what is said of who is not."""

import re
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Asked, Done, answering, command, passing, peer, running, settled
from tests.support.peers import closed_port
from tests.support.timeouts import retry_with_longer_timeouts

Capture = pytest.CaptureFixture[str]
OFTEN = ["--interval", "20ms"]


def waited(capsys: Capture, *arguments: str) -> Done:
    """Wait until the timeout, and long enough for everybody to have been asked."""
    return retry_with_longer_timeouts(
        lambda timeout: command(capsys, "wait", *arguments, *OFTEN, "--timeout", timeout),
        lambda done: done.status == 0 or not re.search("no answer so far|: pending$", done.err, re.MULTILINE),
    )


def _says(status: int, body: Any) -> Any:
    return lambda _: (status, body)


def test_who_is_ready_is_ready(capsys: Capture) -> None:
    with peer(passing) as web, peer(_says(204, b"")) as other:
        done = command(capsys, "wait", web.url, f"{other.url}/healthz")
        assert done.status == 0
        assert done.out == ""
        assert sorted(done.err.splitlines()) == sorted(
            [
                f"waiting for {web.url}/readyz",
                f"waiting for {other.url}/healthz",
                f"T  {web.url}/readyz  pass",
                f"T  {other.url}/healthz  pass",
                "ready after T",
            ]
        )


def test_at_the_timeout_each_says_why_and_what_to_look_at(capsys: Capture) -> None:
    red = {"status": "fail", "failing": ["db", "cache"], "warning": ["disk"]}
    quarantined = {"status": "fail", "failing": ["features"], "quarantined": ["orders"]}
    gone = f"http://127.0.0.1:{closed_port()}"
    with (
        peer(_says(503, red)) as failing,
        peer(_says(503, quarantined)) as broken,
        peer(_says(503, {"status": "pending", "pending": ["db"]})) as pending,
        peer(_says(503, {"status": "fail", "failing": ["shutdown"]})) as draining,
        peer(_says(404, b"no")) as missing,
        peer(_says(302, b"")) as elsewhere,
        peer(_says(500, {"status": 500, "title": "Oh", "detail": "out of cheese"})) as ill,
        peer(passing) as fine,
    ):
        urls = [gone, *(one.url for one in (failing, broken, pending, draining, missing, elsewhere, ill, fine))]
        done = waited(capsys, *urls)
        assert done.status == 1
        explanation = done.err.partition("not ready after T:\n")[2]
        where = gone.removeprefix("http://")
        assert explanation.splitlines() == [
            f"  {gone}/readyz: refused: connection refused by {where}",
            "      look at: whether it runs and listens at this port: `docker compose ps`, its log",
            f"  {failing.url}/readyz: fail: 503; failing db, cache; warning disk",
            f"      look at: {failing.url}/readyz?verbose for the status of each check; its log has the reasons",
            f"  {broken.url}/readyz: fail: 503; failing features; quarantined orders",
            "      look at: `petsage feature list` and its log: a required feature is in quarantine",
            f"  {pending.url}/readyz: pending: 503; pending db",
            "      look at: its log; a start that never ends shows there as a feature or check without a result",
            f"  {draining.url}/readyz: fail: 503; failing shutdown",
            "      look at: what is stopping it: it is draining, and will not become ready again",
            f"  {missing.url}/readyz: 404: nothing at this path",
            "      look at: the path: /readyz",
            f"  {elsewhere.url}/readyz: 302: redirect to /elsewhere, not followed",
            "      look at: the URL: use the one it redirects to",
            f"  {ill.url}/readyz: 500: out of cheese",
            "      look at: its log",
        ]


HOSTILE: list[tuple[int, bytes]] = [
    (503, b'{"status": "fail", "failing": 7}'),
    (503, b'{"status": "fail", "failing": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
    (200, b'{"status": "fail", "x": ' + b"[" * 500_000),
    (200, b'{"status": "DOWN", "n": ' + b"9" * 5000 + b"}"),
    (200, b'{"status": "error", "x": NaN, "y": -Infinity}'),
    (200, b'{"status": "pass", "status": "Unhealthy"}'),
    (200, b'{"status": "critical", "x": "\xff\xfe"}'),
    (200, b'{"status": "out_of_service", "x": "' + b"y" * 3_000_000 + b'"}'),
    (503, b'{"status": "pass"}'),
    (503, b'{"status": ["pass"], "detail": {"a": 1}, "title": null}'),
    (503, b'["pass"]'),
    (503, b"\xff" * 100_000),
]


def test_no_response_of_a_server_ends_the_wait_for_it_or_for_others(capsys: Capture) -> None:
    def hostile_at_first(asked: Asked) -> tuple[int, Any]:
        return HOSTILE[asked.number] if asked.number < len(HOSTILE) else (200, {"status": "pass"})

    with peer(hostile_at_first) as web, peer(passing) as other:
        done = command(capsys, "wait", web.url, other.url, "--interval", "1ms")
        assert done.status == 0
        assert len(web.asked) > len(HOSTILE)
        changes = [
            line.removeprefix(f"T  {web.url}/readyz  ") for line in done.err.splitlines() if f"T  {web.url}" in line
        ]
        assert changes == [
            "fail: 503",
            "fail: 200",
            "down: 200",
            "error: 200",
            "unhealthy: 200",
            "critical: 200",
            "out_of_service: 200",
            "503: its document says pass, its status code does not",
            "503",
            "pass",
        ]


def test_what_is_no_http_at_all_is_not_given_up(capsys: Capture) -> None:
    answers = [
        b"\0" * 10_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 999999 ?\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"",
    ]
    left = [*answers, b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"]
    with answering(lambda: left.pop(0) if len(left) > 1 else left[0]) as port:
        done = command(capsys, "wait", f"http://127.0.0.1:{port}", "--interval", "1ms")
    assert done.status == 0
    assert done.err.splitlines()[-2:] == [f"T  http://127.0.0.1:{port}/readyz  pass", "ready after T"]
    assert "Traceback" not in done.err


def test_a_server_that_accepts_and_never_answers_is_reported(capsys: Capture) -> None:
    end = threading.Event()

    def silent(_: Asked) -> tuple[int, Any]:
        end.wait(30)
        return 200, {}

    with peer(silent) as web:
        done = command(capsys, "wait", web.url, *OFTEN, "--timeout", "1s")
        end.set()
        assert done.status == 1
        assert done.err.splitlines()[-2:] == [
            f"  {web.url}/readyz: asking: no answer so far",
            "      look at: its log; it may be blocked, paused, or starved of CPU",
        ]


def test_who_keeps_silent_for_too_long_is_asked_again(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petsage.wait.http_client.MAX_REQUEST_SECONDS", 0.1)
    end = threading.Event()

    def silent_at_first(asked: Asked) -> tuple[int, Any]:
        if asked.number == 0:
            end.wait(30)
        return 200, {"status": "pass"}

    # one thread a question: the second is answered while the first still waits
    with peer(silent_at_first) as web:
        monkeypatch.setattr(web, "_lock", threading.Semaphore(5))
        done = command(capsys, "wait", web.url, "--interval", "20ms")
        end.set()
        assert done.status == 0
        where = web.url.removeprefix("http://")
        assert done.err.splitlines()[1:] == [
            f"T  {web.url}/readyz  silent: no answer from {where} within 5 s",
            f"T  {web.url}/readyz  pass",
            "ready after T",
        ]


def test_who_falls_back_while_others_are_awaited_is_not_ready(capsys: Capture) -> None:
    late_is_ready = threading.Event()

    def early(_: Asked) -> tuple[int, Any]:
        return (503, {"status": "fail", "failing": ["db"]}) if late_is_ready.is_set() else (200, {"status": "pass"})

    def late(asked: Asked) -> tuple[int, Any]:
        if asked.number >= 3:
            late_is_ready.set()
            return 200, {"status": "pass"}
        return 503, {"status": "pending"}

    def ask(timeout: str) -> tuple[str, str, Done]:
        late_is_ready.clear()
        with peer(early) as first, peer(late) as second:
            return first.url, second.url, command(capsys, "wait", first.url, second.url, *OFTEN, "--timeout", timeout)

    first, second, done = retry_with_longer_timeouts(ask, lambda said: f"{said[0]}/readyz: fail: 503" in said[2].err)
    assert done.status == 1
    assert f"T  {first}/readyz  pass" in done.err
    assert f"T  {second}/readyz  pass" in done.err
    assert "ready after" not in done.err.replace("not ready after", "")
    assert done.err.splitlines()[-2] == f"  {first}/readyz: fail: 503; failing db"


def test_who_gets_ready_ends_the_waiting_with_one_line_a_change(capsys: Capture) -> None:
    def slow(asked: Asked) -> tuple[int, Any]:
        return (200, {"status": "pass"}) if asked.number > 4 else (503, {"status": "fail", "failing": ["db"]})

    with peer(slow) as web:
        done = command(capsys, "wait", web.url, "--interval", "10ms")
        assert done.status == 0
        assert done.err.splitlines() == [
            f"waiting for {web.url}/readyz",
            f"T  {web.url}/readyz  fail: 503; failing db",
            f"T  {web.url}/readyz  pass",
            "ready after T",
        ]


@pytest.mark.parametrize(("wanted", "status"), [("warn", 0), ("pass", 1)])
def test_a_warning_is_ready_unless_a_pass_is_wanted(capsys: Capture, wanted: str, status: int) -> None:
    with peer(_says(200, {"status": "warn", "warning": ["disk"]})) as web:
        assert waited(capsys, web.url, "--for", wanted).status == status


def test_an_old_version_is_not_ready(capsys: Capture) -> None:
    with peer(_says(200, {"status": "pass", "version": "1.0"})) as web:
        done = waited(capsys, web.url, "--expect-version", "1.1")
        assert done.status == 1
        assert done.err.splitlines()[-2:] == [
            f"  {web.url}/readyz: wrong version: 1.0, not 1.1",
            "      look at: the rollout: another build answers; has the image been built and pulled?",
        ]
        assert command(capsys, "wait", web.url, "--expect-version", "1.0").status == 0


def test_the_release_is_asked_of_health_which_alone_gets_the_token(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reply(asked: Asked) -> tuple[int, Any]:
        if asked.path != "/health":
            return 200, {"status": "pass"}
        known = {"release": "r7"} if asked.authorization == "Bearer sixteen-letters-x" else {}
        return 200, {"status": "pass", "version": "1.0", **known}

    with peer(reply) as web:
        done = waited(capsys, web.url, "--expect-release", "r7")
        assert done.status == 1
        assert "unknown release: it does not report its release" in done.err
    monkeypatch.setenv("PETSAGE_TOKEN", "sixteen-letters-x")
    with peer(reply) as web:
        assert command(capsys, "wait", web.url, "--expect-release", "r7", "--expect-version", "1.0").status == 0
        assert [question[1:] for question in web.asked] == [("/readyz", ""), ("/health", "Bearer sixteen-letters-x")]


def test_a_unix_socket_is_asked_and_proxies_are_not(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    socket = tmp_path / "petsage.sock"
    with peer(passing, socket) as local, peer(passing) as web:
        assert command(capsys, "wait", f"unix:{socket}", f"unix:{socket}:/livez", web.url).status == 0
        assert {asked.path for asked in local.asked} == {"/readyz", "/livez"}
    gone = tmp_path / "gone.sock"
    done = waited(capsys, f"unix:{gone}")
    assert done.err.splitlines()[-2] == f"  unix:{gone}:/readyz: no socket: {gone}: no such socket"


def test_a_password_in_a_url_is_never_shown(capsys: Capture) -> None:
    done = waited(capsys, f"http://user:hunter2@127.0.0.1:{closed_port()}/x")
    assert done.status == 1
    assert "hunter2" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["ftp://x"],
        ["http://"],
        ["unix:"],
        ["--timeout", "soon"],
        ["--timeout", "0s"],
        ["--for", "fail"],
        ["--config", "missing.yml"],
        ["--config", "empty.yml"],
        ["--config", "one.yml", "--expect-version", "1"],
    ],
)
def test_misuse_is_reported_and_exits_with_2(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.yml").write_text("checks: {}\n")
    Path("one.yml").write_text("checks: {f: {kind: file, path: f}}\n")
    done = command(capsys, "wait", *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err


def test_the_checks_of_a_configuration_are_awaited_without_a_server(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("checks: {heartbeat: {kind: file, path: beat}}\n")
    with running("wait", "--config", "config.yml", "--interval", "20ms", cwd=tmp_path) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "waiting for heartbeat\n"
        assert "heartbeat  fail: " in process.stderr.readline()
        (tmp_path / "beat").touch()
        assert settled(process.stderr.read()) == "T  heartbeat  pass\nready after T\n"
        assert process.wait(30) == 0


def test_a_check_that_never_holds_is_named_at_the_timeout(capsys: Capture, tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text(
        f"checks:\n  db: {{kind: tcp, host: 127.0.0.1, port: {(port := closed_port())}}}\n"
        f"  cache: {{kind: tcp, host: 127.0.0.1, port: {port}, severity: degraded}}\n"
    )
    done = waited(capsys, "--config", str(config))
    assert done.status == 1
    assert done.err.partition("not ready after T:\n")[2].splitlines() == [
        f"  db: fail: connection refused by 127.0.0.1:{port}",
        "      look at: the settings of checks.db, and whether what it asks can be reached from here",
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_one_line(tmp_path: Path, number: signal.Signals) -> None:
    with running("wait", f"http://127.0.0.1:{closed_port()}", cwd=tmp_path) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.stderr.readline()
        process.send_signal(number)
        assert process.stderr.read() == "interrupted\n"
        assert process.wait(30) == 130
