"""Write log lines in a thread, so that a stalled reader of standard error does not block the server."""

import logging
import os
import select
import threading
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum, auto
from queue import SimpleQueue
from time import monotonic
from typing import TextIO

MAX_WAITING = 1 << 20
"""Bytes that may wait to be written; further lines are dropped and counted."""

MAX_FLUSH_SECONDS = 5.0
"""Seconds that a flush takes, at most."""

STALL_SECONDS = 1.0
"""Seconds without any progress after which a flush stops waiting."""

_CHUNK = 4096  # bytes that a pipe takes in one piece


class _Mark(Enum):
    DROPPED = auto()
    END = auto()


_Entry = bytes | threading.Event | _Mark


class LogWriter(logging.Handler):
    """Handler that never blocks: records are formatted in the calling thread, and written by another one.

    When `MAX_WAITING` bytes wait, records are dropped; once the reader has caught up, one line reports how many. The
    thread starts with the first record. A forked process has no such thread, and writes synchronously.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._encoding = stream.encoding or "utf-8"
        self._output = _Output(stream, self._encoding)
        self._owner = os.getpid()
        self._lines = _Lines()
        self._thread: threading.Thread | None = None
        self._closed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record, unless the queue is full."""
        try:
            if os.getpid() != self._owner:
                self._output.write(self._encoded(record))
            elif not self._closed:  # no thread can be started while the interpreter exits
                self._start()
                self._lines.put(None if self._lines.full else self._encoded(record))
        except Exception:  # noqa: BLE001 (a formatter may raise anything, and logging must not fail)
            self.handleError(record)

    def flush(self) -> None:
        """Wait until all records are written, the reader stalls, or `MAX_FLUSH_SECONDS` have passed."""
        if self._thread is not None and os.getpid() == self._owner:
            self._lines.wait()

    def close(self) -> None:
        """Write waiting records, and end the thread."""
        self.flush()
        self._closed = True
        if os.getpid() == self._owner:
            self._lines.end()
        super().close()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="petsage log", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        for count, line in self._lines:
            self._output.write(self._dropped_line(count) if count else line)

    def _encoded(self, record: logging.LogRecord) -> bytes:
        return f"{self.format(record)}\n".encode(self._encoding, "backslashreplace")

    def _dropped_line(self, count: int) -> bytes:
        text = "%d log %s dropped: standard error is not read, or too slowly"
        arguments = (count, "line was" if count == 1 else "lines were")
        return self._encoded(logging.LogRecord(__name__, logging.WARNING, __file__, 0, text, arguments, None))


class _Lines:
    """Queue of lines between the threads that log, one at a time, and the one that writes."""

    def __init__(self) -> None:
        self._entries: SimpleQueue[_Entry] = SimpleQueue()
        self._added = self._written = 0
        self._dropped = self._reported = 0
        self._marked = False
        self._stalled = False

    @property
    def full(self) -> bool:
        """Whether the next line is dropped."""
        return self._added - self._written > MAX_WAITING

    def put(self, line: bytes | None) -> None:
        """Add a line, or None to count one that was dropped."""
        if line is not None:
            self._added += len(line)
            self._entries.put(line)
            return
        self._dropped += 1
        if not self._marked:
            self._marked = True
            self._entries.put(_Mark.DROPPED)

    def end(self) -> None:
        """End the iteration after the lines that are queued now."""
        self._entries.put(_Mark.END)

    def wait(self) -> None:
        """Wait until the lines that are queued now are written, or the reader stalls."""
        done, end = threading.Event(), monotonic() + MAX_FLUSH_SECONDS
        self._entries.put(done)
        while not (done.is_set() or self._stalled):
            written = self._written
            done.wait(min(STALL_SECONDS, end - monotonic()))
            self._stalled = not done.is_set() and (self._written == written or monotonic() >= end)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield `(0, line)` for a line to write, and `(count, b"")` where lines were dropped."""
        while (entry := self._entries.get()) is not _Mark.END:
            if isinstance(entry, threading.Event):
                entry.set()
            elif isinstance(entry, bytes):
                yield 0, entry
                self._written += len(entry)
                self._stalled = False
            else:
                self._marked = False
                count = self._dropped - self._reported
                self._reported += count
                yield count, b""


class _Output:
    """Output stream that ignores errors.

    Lines bypass Python's buffer: its lock would block other threads, and the exit of the interpreter.
    """

    def __init__(self, stream: TextIO, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self._number = _descriptor(stream)

    def write(self, line: bytes) -> None:
        """Write a line."""
        with suppress(OSError, ValueError):  # the stream is closed, or its reader has ended
            if self._number is None:
                self._stream.write(line.decode(self._encoding))
                self._stream.flush()
            else:
                _write_all(self._number, line)


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (OSError, ValueError, AttributeError):
        return None


def _write_all(number: int, data: bytes) -> None:
    at = 0
    while at < len(data):
        try:
            at += os.write(number, data[at : at + _CHUNK])
        except BlockingIOError:  # another process has made the descriptor non-blocking
            select.select((), (number,), ())
