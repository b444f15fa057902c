"""Writing log lines in a thread of their own, so that a reader of standard error who stalls holds up nobody else."""

import logging
import os
import select
import threading
from collections.abc import Callable
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
    thread starts with the first record, and anew in a process that was forked.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._encoding = stream.encoding or "utf-8"
        self._lines = _Lines(owner=0)
        self._closed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record, unless the queue is full."""
        if self._closed:  # at the end of the interpreter, when no thread can be started
            return
        try:
            lines = self._running()
            lines.put(None if lines.full else self._encoded(record))
        except Exception:  # noqa: BLE001 (a formatter may raise anything; whoever logs must not suffer from it)
            self.handleError(record)

    def flush(self) -> None:
        """Wait until all that was logged is written, as long as the reader reads, and for a few seconds at the most."""
        if self._lines.owner == os.getpid():
            self._lines.wait()

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self.flush()
        self._closed = True
        if self._lines.owner == os.getpid():
            self._lines.entries.put(_Mark.END)
        super().close()

    def _running(self) -> "_Lines":
        if self._lines.owner != os.getpid():
            self._lines = _Lines(os.getpid())
            target = _Writer(self._lines, self._stream, self._tell_dropped).run
            threading.Thread(target=target, name="petsage log", daemon=True).start()
        return self._lines

    def _encoded(self, record: logging.LogRecord) -> bytes:
        return f"{self.format(record)}\n".encode(self._encoding, "backslashreplace")

    def _tell_dropped(self, count: int) -> bytes:
        told = "%d log %s dropped: standard error is not read, or too slowly"
        arguments = (count, "line was" if count == 1 else "lines were")
        return self._encoded(logging.LogRecord(__name__, logging.WARNING, __file__, 0, told, arguments, None))


class _Lines:
    """Lines between those who log, one at a time, and the thread that writes; `owner` is the process."""

    def __init__(self, owner: int) -> None:
        self.owner = owner
        self.entries: SimpleQueue[_Entry] = SimpleQueue()
        self.written = 0
        self._added = 0
        self._dropped = 0
        self._told = 0
        self._marked = False

    @property
    def full(self) -> bool:
        """Whether so much waits that the next line is dropped."""
        return self._added - self.written > MAX_WAITING

    def put(self, line: bytes | None) -> None:
        """Queue a line; None is one that was dropped, and is counted."""
        if line is not None:
            self._added += len(line)
            self.entries.put(line)
            return
        self._dropped += 1
        if not self._marked:
            self._marked = True
            self.entries.put(_Mark.DROPPED)

    def dropped(self) -> int:
        """Return how many lines were dropped since this was asked last."""
        self._marked = False
        count = self._dropped - self._told
        self._told += count
        return count

    def wait(self) -> None:
        """Wait until what is queued now is written."""
        done, end = threading.Event(), monotonic() + MAX_FLUSH_SECONDS
        self.entries.put(done)
        seen = -1
        while not done.wait(min(PATIENCE_SECONDS, max(0.0, end - monotonic()))):
            if self.written == seen or monotonic() >= end:
                return
            seen = self.written


class _Writer:
    """What the thread does."""

    def __init__(self, lines: _Lines, stream: TextIO, tell_dropped: Callable[[int], bytes]) -> None:
        self._lines = lines
        self._stream = stream
        self._tell_dropped = tell_dropped
        self._number = _descriptor(stream)

    def run(self) -> None:
        """Write entries until the end of them."""
        while (entry := self._lines.entries.get()) is not _Mark.END:
            if isinstance(entry, threading.Event):
                entry.set()
            elif entry is _Mark.DROPPED:
                if count := self._lines.dropped():
                    self._write(self._tell_dropped(count))
            else:
                self._write(entry)
                self._lines.written += len(entry)

    def _write(self, line: bytes) -> None:
        """Write a line whatever becomes of it; past Python's own stream, whose lock would hold up others."""
        with suppress(OSError, ValueError):  # closed, or nobody reads it any more
            if self._number is None:
                self._stream.write(line.decode(self._stream.encoding or "utf-8"))
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
