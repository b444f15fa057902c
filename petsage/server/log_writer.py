"""Writing log lines in a thread of their own, so that a reader of standard error who stalls holds up nobody else."""

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
"""Bytes that wait to be written, at the most; lines beyond them are dropped and counted."""

MAX_FLUSH_SECONDS = 5.0
PATIENCE_SECONDS = 1.0
"""Seconds in which nothing could be written after which a flush gives the reader up."""

_CHUNK = 4096  # what a pipe takes in one piece


class _Mark(Enum):
    DROPPED = auto()
    END = auto()


_Entry = bytes | threading.Event | _Mark


class LogWriter(logging.Handler):
    """Handler that never blocks: a record is formatted where it was logged, and written by a thread.

    When `MAX_WAITING` bytes wait, records are dropped; as soon as the reader has caught up, one line says how many. The
    thread starts with the first record. A process that was forked has none, and writes by itself.
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
            elif not self._closed:  # at the end of the interpreter no thread can be started
                self._start()
                self._lines.put(None if self._lines.full else self._encoded(record))
        except Exception:  # noqa: BLE001 (a formatter may raise anything; whoever logs must not suffer from it)
            self.handleError(record)

    def flush(self) -> None:
        """Wait until all that was logged is written, as long as the reader reads, and for a few seconds at the most."""
        if self._thread is not None and os.getpid() == self._owner:
            self._lines.wait()

    def close(self) -> None:
        """Write what waits, and end the thread."""
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
            self._output.write(self._tell_dropped(count) if count else line)

    def _encoded(self, record: logging.LogRecord) -> bytes:
        return f"{self.format(record)}\n".encode(self._encoding, "backslashreplace")

    def _tell_dropped(self, count: int) -> bytes:
        told = "%d log %s dropped: standard error is not read, or too slowly"
        arguments = (count, "line was" if count == 1 else "lines were")
        return self._encoded(logging.LogRecord(__name__, logging.WARNING, __file__, 0, told, arguments, None))


class _Lines:
    """Lines between those who log, one at a time, and the thread that writes."""

    def __init__(self) -> None:
        self._entries: SimpleQueue[_Entry] = SimpleQueue()
        self._added = self._written = 0
        self._dropped = self._told = 0
        self._marked = False
        self._stalled = False

    @property
    def full(self) -> bool:
        """Whether so much waits that the next line is dropped."""
        return self._added - self._written > MAX_WAITING

    def put(self, line: bytes | None) -> None:
        """Queue a line; None is one that was dropped, and is counted."""
        if line is not None:
            self._added += len(line)
            self._entries.put(line)
            return
        self._dropped += 1
        if not self._marked:
            self._marked = True
            self._entries.put(_Mark.DROPPED)

    def end(self) -> None:
        """Have the iteration end after what is queued now."""
        self._entries.put(_Mark.END)

    def wait(self) -> None:
        """Wait until what is queued now is written, unless nothing can be written any more."""
        done, end = threading.Event(), monotonic() + MAX_FLUSH_SECONDS
        self._entries.put(done)
        while not (done.is_set() or self._stalled):
            written = self._written
            done.wait(min(PATIENCE_SECONDS, end - monotonic()))
            self._stalled = not done.is_set() and (self._written == written or monotonic() >= end)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield lines to be written, each with 0, and in the place of lines that were dropped how many they are."""
        while (entry := self._entries.get()) is not _Mark.END:
            if isinstance(entry, threading.Event):
                entry.set()
            elif isinstance(entry, bytes):
                yield 0, entry
                self._written += len(entry)
                self._stalled = False
            else:
                self._marked = False
                count = self._dropped - self._told
                self._told += count
                yield count, b""


class _Output:
    """A stream that takes lines whatever becomes of them.

    They go past Python's own buffer, whose lock would hold up others, the end of the interpreter among them.
    """

    def __init__(self, stream: TextIO, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self._number = _descriptor(stream)

    def write(self, line: bytes) -> None:
        """Write a line."""
        with suppress(OSError, ValueError):  # closed, or nobody reads it any more
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
        except BlockingIOError:  # somebody else made it so
            select.select((), (number,), ())
