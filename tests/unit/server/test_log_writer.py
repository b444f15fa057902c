"""Log writer: a stalled reader blocks nothing, and a reader that keeps up loses nothing."""

import io
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from petsage.server import log_writer
from petsage.server.log_writer import MAX_WAITING, LogWriter
from tests.support.project import Project

LINE = "x" * 999


@contextmanager
def writer(stream: io.TextIOWrapper | io.StringIO) -> Iterator[tuple[logging.Logger, LogWriter]]:
    """Yield a logger of its own that writes to a stream."""
    handler = LogWriter(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.Logger("of.this.test")  # noqa: LOG001 (of this test alone)
    logger.addHandler(handler)
    try:
        yield logger, handler
    finally:
        handler.close()


@contextmanager
def pipe() -> Iterator[tuple[int, io.TextIOWrapper]]:
    """Yield the end that reads, as its number, and the end that writes."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        yield reading, stream
    os.close(reading)


def read_all(reading: int, until: str) -> list[str]:
    """Read lines until the last one begins as a pattern says."""
    data = ""
    while not re.search(rf"^{until}.*\n\Z", data, re.MULTILINE):
        data += os.read(reading, 1 << 16).decode()
    return data.splitlines()


def test_logging_never_waits_for_a_stalled_reader_and_dropped_lines_are_reported_once() -> None:
    with pipe() as (reading, stream), writer(stream) as (logger, _):
        for _ in range(LOGGED):  # a pipe takes 64 KiB: without a queue the next would wait for ever
            logger.info(LINE)
        first = read_until(reading, lambda lines: lines.count(LINE) + dropped(lines) == LOGGED)
        logger.info("end")
        lines = [*first, *read_all(reading, "end")]
    lost = LOGGED - lines.count(LINE)
    assert lost > 1000
    assert [line for line in lines if line != LINE] == [
        f"{lost} log lines were dropped: standard error is not read, or too slowly",
        "end",
    ]


LOGGED = 3 * MAX_WAITING // 1000


def read_until(reading: int, holds: Callable[[list[str]], bool]) -> list[str]:
    """Read whole lines until it holds for all of them; where dropped lines are counted, among them, is not known."""
    data = b""
    while not (data.endswith(b"\n") and holds(data.decode().splitlines())):
        data += os.read(reading, 1 << 16)
    return data.decode().splitlines()


def dropped(lines: list[str]) -> int:
    return sum(int(line.split()[0]) for line in lines if "dropped" in line)


def test_lines_are_written_in_their_order_whole_and_with_what_cannot_be_encoded_escaped() -> None:
    with pipe() as (reading, stream), writer(stream) as (logger, handler):
        for number in range(50):
            logger.info("%d é \ud800", number)
        handler.flush()
        assert os.read(reading, 1 << 16).decode().splitlines() == [f"{number} é \\ud800" for number in range(50)]


def test_a_stream_without_a_number_is_written_to_as_well() -> None:
    stream = io.StringIO()
    with writer(stream) as (logger, _):
        logger.info("one")
    assert stream.getvalue() == "one\n"


def test_a_closed_stream_is_ignored() -> None:
    with pipe() as (_, stream), writer(stream) as (logger, handler):
        os.close(stream.fileno())
        logger.info("one")
        handler.flush()
        os.open(os.devnull, os.O_WRONLY)  # takes the number again, for who closes it next
    assert handler.formatter is not None


def test_a_reader_that_has_ended_is_ignored() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as stream, writer(stream) as (logger, handler):
        for _ in range(5000):
            logger.info(LINE)
        handler.flush()


def test_a_stream_that_does_not_block_gets_all_lines() -> None:
    with pipe() as (reading, stream), writer(stream) as (logger, _):
        os.set_blocking(stream.fileno(), False)
        for _ in range(500):
            logger.info(LINE)
        logger.info("end")
        assert read_all(reading, "end") == [*[LINE] * 500, "end"]


def test_flushing_waits_for_a_reader_who_reads_and_gives_up_one_who_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_writer, "STALL_SECONDS", 0.05)
    with pipe() as (reading, stream), writer(stream) as (logger, handler):
        for _ in range(500):
            logger.info(LINE)
        handler.flush()
        began = time.monotonic()
        handler.flush()
        handler.flush()
        assert time.monotonic() - began < 30, "nobody reads: it could wait for ever"
        logger.info("end")
        assert read_all(reading, "end") == [*[LINE] * 500, "end"]
        logger.info("again")
        handler.flush()
        assert os.read(reading, 100) == b"again\n"


def test_the_thread_begins_with_the_first_line_and_ends_with_the_handler() -> None:
    def threads() -> int:
        return sum(thread.name == "petsage log" for thread in threading.enumerate())

    before = threads()
    with writer(io.StringIO()) as (logger, handler):
        assert threads() == before
        logger.info("one")
        assert threads() == before + 1
    assert handler._thread is not None
    handler._thread.join(10)
    assert threads() == before
    logger.info("too late")


def test_a_process_that_was_forked_writes_by_itself_and_what_waits_is_not_written_twice() -> None:
    with pipe() as (reading, stream), writer(stream) as (logger, handler):
        logger.info("parent")
        handler.flush()
        child = os.fork()
        if not child:
            logger.info("child")
            handler.flush()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        logger.info("end")
        assert read_all(reading, "end") == ["parent", "child", "end"]


EXITS = """
import logging, sys
from petsage.server.logging import set_up_logging
from petsage.settings import LogSettings
set_up_logging(LogSettings())
for number in range(3000):
    logging.getLogger("a").info("%d " + "x" * 200, number)
"""


def ended(source: str, **how: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", EXITS + source]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **how)  # type: ignore[call-overload, no-any-return] # as run takes them


def test_what_was_logged_before_the_exit_is_written() -> None:
    done = ended("sys.exit(3)")
    assert done.returncode == 3
    assert [line.split()[4] for line in done.stderr.splitlines()] == [str(number) for number in range(3000)]


def test_an_error_that_ends_the_process_is_a_log_line_without_secrets() -> None:
    done = ended("raise ValueError('redis://:hunter2@host')")
    assert done.returncode == 1
    assert (
        "CRITICAL petsage.server.logging: the server ends with an error\n    Traceback (most recent call last):\n"
        in done.stderr
    )
    assert done.stderr.endswith("    ValueError: redis://:********@host\n")


def test_warnings_and_errors_of_threads_and_of_finalizers_are_log_lines_without_secrets() -> None:
    done = ended(
        """
import threading, warnings
class Bad:
    def __del__(self): raise ValueError("password=hunter2")
def fail(): raise ValueError("password=hunter2")
warnings.warn("password=hunter2")
Bad()
thread = threading.Thread(target=fail, name="t"); thread.start(); thread.join()
"""
    )
    lines = [line for line in done.stderr.splitlines() if " INFO a: " not in line]
    records = [line.split(" ", 2)[2] for line in lines if not line.startswith("    ")]
    assert [record[:39] for record in records] == [  # newer Pythons say `ignored while calling`, not `in`
        "WARNING py.warnings: <string>:13: UserW",
        "ERROR petsage.server.logging: exception",
        "ERROR petsage.server.logging: thread t ",
    ]
    assert "hunter2" not in done.stderr


def test_a_process_without_standard_error_logs_nowhere_and_runs() -> None:
    close = ["sh", "-c", f'exec "{sys.executable}" -c "$1" 2>&-', "sh", EXITS + "print('done')"]
    done = subprocess.run(close, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


@pytest.mark.parametrize("reads", [False, True])
def test_a_server_whose_log_is_not_read_answers_and_stops(project: Project, *, reads: bool) -> None:
    (project.path / "config.yml").write_text("server: {port: 0, access_log: all, drain: 0s, unix_socket: s}\n")
    process = started(project.path)
    try:
        answers = {asked(project.path / "s", f"/{'x' * 400}") for _ in range(3000)}
        process.send_signal(signal.SIGTERM)
        read = process.communicate(timeout=30)[1] if reads else ""
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
    assert answers == {404}
    if reads:
        told = [line.split(" ", 2)[2] for line in read.splitlines() if "dropped" in line]
        assert len(told) == 1
        assert told[0].startswith("WARNING petsage.server.log_writer: ")
        assert told[0].endswith(" log lines were dropped: standard error is not read, or too slowly")


def started(folder: Path) -> subprocess.Popen[str]:
    """Start a server with a standard error that nobody reads, and wait until it answers."""
    command = [sys.executable, "-m", "petsage", "serve"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while True:
        try:
            asked(folder / "s", "/livez")
        except OSError:
            assert time.monotonic() < end
            assert process.poll() is None
        else:
            return process


def asked(path: Path, target: str) -> int:
    """Ask a server on a unix socket; return the status."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(path))
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return int(client.recv(65536).split()[1])
