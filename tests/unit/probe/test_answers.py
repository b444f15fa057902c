"""Whatever a peer sends, the probe prints one line about it, and exits with 0 only for a complete 2xx."""

import socket
import time
from contextlib import ExitStack

import pytest

from tests.support.probe_peers import (
    LONG,
    Behavior,
    ProbeResult,
    answer,
    answers,
    answers_and_hangs,
    answers_without_end,
    full_queue,
    listening,
    probe,
    resets,
)
from tests.support.timeouts import retry_with_longer_timeouts

OK = b'{"status": "ok", "feature": "smoke_test"}'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

PASSED = {
    "a document": (answer("200 OK", OK), f"200 {OK.decode()}"),
    "another success": (answer("201 Created", b"made"), "201 made"),
    "no reason phrase": (answer("200", OK), f"200 {OK.decode()}"),
    "an empty body": (answer("200 OK"), "200 OK"),
    "nothing but the number": (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", "204 No Content"),
    "HTTP/1.0, until it closes": (b"HTTP/1.0 200 OK\r\n\r\nup\n", "200 up"),
    "line feeds alone": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nup", "200 up"),
    "names in lower case": (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nup, and what nobody asked for", "200 up"),
    "a folded field": (b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 2\r\n\r\nup", "200 up"),
    "one length twice": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nup", "200 up"),
    "interim answers": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nX: y\r\n\r\n" + answer("200 OK", b"up"),
        "200 up",
    ),
    "chunks": (CHUNKED + b"2\r\nup\r\nA;name=value\r\n and about\r\n0\r\nX: y\r\n\r\n", "200 up and about"),
    "the first line that says something": (answer("200 OK", b"\r\n \nfirst\r\nsecond"), "200 first"),
    "a German": (answer("200 OK", "Straße".encode()), "200 Straße"),
    "what a terminal would obey": (
        answer("200 OK", b"\x1b[31m\x00\x07\r\xc2\x9b1m\xe2\x80\xae\xff\x7f"),
        r"200 \x1b[31m\x00\x07\r\x9b1m\u202e\xff\x7f",
    ),
    "a body without end": (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000, "200 " + "x" * 4091),
    "a chunk without end": (CHUNKED + b"fffffffffffffff\r\n" + b"x" * 100_000, "200 " + "x" * 4091),
    "a huge length": (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\n" + b"x" * 5000, "200 " + "x" * 4091),
    "characters of many bytes": (answer("200 OK", "€".encode() * 2000), "200 " + "€" * 1363),
}

FAILED = {
    "a document that says no": (answer("503 Service Unavailable", b'{"failing": ["db"]}'), '503 {"failing": ["db"]}'),
    "no body": (answer("404 Not Found"), "404 Not Found"),
    "a no cut short": (b"HTTP/1.1 503 X\r\nContent-Length: 99\r\n\r\n{...", "503 {..."),
    "a redirect": (
        answer("302 Found", b"elsewhere", "Location: http://example.org/\x1b"),
        r"302 redirect to http://example.org/\x1b, not followed",
    ),
    "a redirect with secrets": (
        answer("302 Found", b"", "Location: http://joe:hunter2@example.org/x?token=hunter2"),
        "302 redirect to http://********@example.org/x, not followed",
    ),
    "a redirect to nowhere": (answer("301 Moved Permanently"), "301 Moved Permanently"),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "304 Not Modified"),
    "another protocol, agreed": (b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x00\x01", "101 Switching Protocols"),
    "a status of nobody's": (answer("999 Denied"), "999 Denied"),
}

BROKEN = {
    "nothing": (b"", "waiting for the answer from {peer}: closed early"),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", "reading the head of the answer from {peer}: not HTTP/1: SSH-2.0-OpenSSH_9.2"),
    "Redis": (
        b"-ERR unknown command\r\n",
        "reading the head of the answer from {peer}: not HTTP/1: -ERR unknown command",
    ),
    "TLS": (
        b"\x15\x03\x03\x00\x02\x02\x46",
        r"reading the head of the answer from {peer}: not HTTP/1: \x15\x03\x03\x00\x02\x02F",
    ),
    "HTTP/2": (
        b"\0\0\x06\x04\0\0\0\0\0",
        r"reading the head of the answer from {peer}: not HTTP/1: \x00\x00\x06\x04\x00\x00\x00\x00\x00",
    ),
    "HTTP/0.9": (b"<p>It works!</p>", "reading the head of the answer from {peer}: not HTTP/1: <p>It works!</p>"),
    "half a name": (b"HTT", "reading the head of the answer from {peer}: closed early"),
    "a long status": (
        answer("2000 OK"),
        "reading the head of the answer from {peer}: not a status line: HTTP/1.1 2000 OK",
    ),
    "a status in words": (answer("OK"), "reading the head of the answer from {peer}: not a status line: HTTP/1.1 OK"),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-", "reading the head of the answer from {peer}: closed early"),
    "a head without its end": (b"HTTP/1.1 200 OK\r\n", "reading the head of the answer from {peer}: closed early"),
    "no header": (
        b"HTTP/1.1 200 OK\r\nup and running\r\n\r\n",
        "reading the head of the answer from {peer}: not a header line: up and running",
    ),
    "two lengths": (
        answer("200 OK", b"up", "Content-Length: 3"),
        "reading the head of the answer from {peer}: two lengths of one body",
    ),
    "a length with a sign": (
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nup",
        "reading the body of the 200 from {peer}: not a length: +2",
    ),
    "a length without end": (
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nup",
        "reading the body of the 200 from {peer}: not a length: " + "9" * 5000,
    ),
    "a body cut short": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nup",
        "reading the body of the 200 from {peer}: closed early",
    ),
    "a chunk cut short": (CHUNKED + b"3\r\nup", "reading the body of the 200 from {peer}: closed early"),
    "chunks without their end": (CHUNKED + b"2\r\nup\r\n", "reading the body of the 200 from {peer}: closed early"),
    "a chunk of no size": (CHUNKED + b"two\r\nup\r\n", "reading the body of the 200 from {peer}: not a length: two"),
    "a chunk too long": (
        CHUNKED + b"1\r\nup\r\n0\r\n\r\n",
        "reading the body of the 200 from {peer}: a chunk longer than its size",
    ),
}

HANGING = {
    "says nothing": (b"", "waiting for the answer from {peer}"),
    "stops in the head": (b"HTTP/1.1 200 OK\r\n", "reading the head of the answer from {peer}"),
    "stops in the body": (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nup", "reading the body of the 200 from {peer}"),
    "never closes": (b"HTTP/1.1 200 OK\r\n\r\nup", "reading the body of the 200 from {peer}"),
    "stops between chunks": (CHUNKED + b"2\r\nup\r\n", "reading the body of the 200 from {peer}"),
    "stops in a refusal": (
        b"HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\nno",
        "reading the body of the 503 from {peer}",
    ),
}

DRIPPING = {
    "drips its head": (b"HTTP/1.1 200 OK\r\nX: ", "reading the head of the answer from {peer}"),
    "drips its body": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
        "reading the body of the 200 from {peer}",
    ),
}


@pytest.mark.parametrize(("data", "line"), PASSED.values(), ids=PASSED)
def test_a_whole_success_passes(data: bytes, line: str) -> None:
    with listening(answers(data)) as peer:
        verdict = probe(peer.url)
    assert verdict == ProbeResult(0, _cut(f"{line}\n"))


@pytest.mark.parametrize(("data", "line"), FAILED.values(), ids=FAILED)
def test_any_other_answer_fails_with_what_it_says(data: bytes, line: str) -> None:
    with listening(answers(data)) as peer:
        verdict = probe(peer.url)
    assert verdict == ProbeResult(1, f"{line}\n")


@pytest.mark.parametrize(("data", "line"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_whole_answer_fails_and_says_where(data: bytes, line: str) -> None:
    with listening(answers(data)) as peer:
        verdict = probe(peer.url)
    assert verdict == ProbeResult(1, _cut(f"{line.format(peer=peer.name)}\n"))


@pytest.mark.parametrize(("data", "step"), HANGING.values(), ids=HANGING)
def test_a_peer_that_hangs_is_left_when_the_deadline_has_come(data: bytes, step: str) -> None:
    _assert_timed_out(answers_and_hangs(data), step)


@pytest.mark.parametrize(("data", "step"), DRIPPING.values(), ids=DRIPPING)
def test_a_peer_that_drips_is_left_when_the_deadline_has_come(data: bytes, step: str) -> None:
    _assert_timed_out(answers_without_end(data, b"x", pause=0.02), step)


def _assert_timed_out(behavior: Behavior, step: str) -> None:
    with listening(behavior) as peer:
        place = step.format(peer=peer.name)

        def ask(timeout: str) -> tuple[float, ProbeResult]:
            started = time.monotonic()
            verdict = probe(peer.url, timeout=timeout)
            return time.monotonic() - started, verdict

        took, verdict = retry_with_longer_timeouts(ask, lambda said: said[0] < LONG / 2 and place in said[1].out, "3s")
    assert took < LONG / 2
    assert verdict in {ProbeResult(1, f"{place}: timed out after {seconds} s\n") for seconds in ("0.3", "3")}


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100),
        (b"HTTP/1.1 200 OK\r\nX: ", b"y" * 1000),
        (b"", b"HTTP/1.1 100 C\r\n\r\n"),
    ],
    ids=["headers", "a header", "interim answers"],
)
def test_a_head_without_end_fails_before_the_deadline(start: bytes, again: bytes) -> None:
    with listening(answers_without_end(start, again)) as peer:
        verdict = probe(peer.url)
    assert verdict == ProbeResult(1, f"reading the head of the answer from {peer.name}: more than 65536 bytes of it\n")


def test_a_protocol_whose_peer_waits_for_more_is_recognised_at_once() -> None:
    with listening(answers_and_hangs(b"220 mail ESMTP")) as peer:
        verdict = probe(peer.url)
    assert verdict == ProbeResult(1, f"reading the head of the answer from {peer.name}: not HTTP/1: 220 mail ESMTP\n")


def test_a_kept_alive_connection_is_not_waited_for() -> None:
    with listening(answers_and_hangs(answer("200 OK", b"up"))) as peer:
        verdict = probe(peer.url)
    assert verdict == ProbeResult(0, "200 up\n")


def test_a_body_that_never_ends_is_left_after_4096_bytes() -> None:
    with listening(answers_without_end(b"HTTP/1.1 200 OK\r\n\r\n", b"up\n" * 100)) as peer:
        verdict = probe(peer.url)
    assert verdict == ProbeResult(0, "200 up\n")


def test_a_reset_connection_fails() -> None:
    with listening(resets(b"")) as peer:
        verdict = probe(peer.url)
    assert verdict == ProbeResult(1, f"waiting for the answer from {peer.name}: Connection reset by peer\n")


def test_a_refused_connection_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        name = f"127.0.0.1:{listener.getsockname()[1]}"
    assert probe(f"http://{name}/") == ProbeResult(1, f"connecting to {name}: refused, nothing listens there\n")


def test_a_server_that_never_accepts_is_left_when_the_deadline_has_come() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        name = f"127.0.0.1:{listener.getsockname()[1]}"
        verdict = probe(f"http://{name}/", timeout="1s")
    assert verdict == ProbeResult(1, f"waiting for the answer from {name}: timed out after 1 s\n")


def test_a_server_whose_queue_is_full_is_left_when_the_deadline_has_come() -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(full_queue())
        name = f"127.0.0.1:{listener.getsockname()[1]}"
        verdict = probe(f"http://{name}/", timeout="1")
    assert verdict == ProbeResult(1, f"connecting to {name}: timed out after 1 s\n")


def _cut(line: str) -> str:
    """Return `line` truncated to 4096 bytes, its line feed included."""
    return line if len(line.encode()) <= 4096 else line.encode()[:4095].decode(errors="ignore") + "\n"
