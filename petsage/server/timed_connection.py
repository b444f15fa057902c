"""Bounds on how long a client may take to send and to read.

aiohttp has a public limit for the time between two requests, and none for that of a head, of a body, or of an answer
that nobody reads. Here nothing is timed per packet: `Connections` looks at all connections about once a second, and
asks each whether its time is over.
"""

import asyncio
import math
from time import monotonic
from typing import Protocol

from aiohttp import web

from petsage.http import ProblemError
from petsage.http._aiohttp import in_the_works
from petsage.server.connection import Connection
from petsage.server.refusals import Refusal

MIN_RATE = 500
"""Bytes a second that sending a body and reading an answer have to keep up beyond their time (Apache's MinRate)."""


class Timeouts(Protocol):
    """Seconds that a client has, from the section `server` of the configuration."""

    @property
    def header_timeout(self) -> float:
        """For a whole head."""

    @property
    def body_timeout(self) -> float:
        """For a body, and one second more for each `MIN_RATE` bytes."""

    @property
    def idle_timeout(self) -> float:
        """Between an answer and the next request."""

    @property
    def send_timeout(self) -> float:
        """For reading an answer, and one second more for each `MIN_RATE` bytes."""


class TimedConnection(Connection):
    """A connection that knows what its client is waited for, and for how long already."""

    __slots__ = ()

    def pause_writing(self) -> None:
        """Note that an answer waits for its reader."""
        super().pause_writing()
        if self._wire is not None:
            self._stalled, self._sent, self._unsent = monotonic(), 0, self._wire.get_write_buffer_size()

    def resume_writing(self) -> None:
        """Note that it was read."""
        self._stalled = None
        super().resume_writing()

    def slack(self, now: float, times: Timeouts) -> float:
        """Return the seconds that a client still has for what is waited for; without end if it is nothing."""
        if self._stalled is not None:
            return self._stalled + times.send_timeout + self._sent / MIN_RATE - now
        if self._body is not None:
            since, before = self._body
            return since + times.body_timeout + (self._received - before) / MIN_RATE - now
        return math.inf

    def check(self, now: float, times: Timeouts) -> str | None:
        """End what takes too long; return what it was."""
        wire = self._wire
        if wire is None:
            return None
        if self._linger_end is not None or wire.is_closing():
            return self._check_close(wire, now, times)
        if self._stalled is not None:
            self._note_progress(wire)
        elif self.request is not None:
            self._note_body(self.request, wire, now)
        elif not in_the_works(self):
            return self._check_wait(wire, now, times)
        return None if self.slack(now, times) > 0 else self._check_work(wire)

    def _check_close(self, wire: asyncio.Transport, now: float, times: Timeouts) -> str | None:
        if self._linger_end is None:  # closed, and what was to be sent first is not read
            self._linger_end = now + times.send_timeout
        if now >= self._linger_end:
            wire.abort()
        return None

    def _check_wait(self, wire: asyncio.Transport, now: float, times: Timeouts) -> str | None:
        begun = self._received > 0
        if begun and self._head_since is None:
            self._head_since = now if self._answered else self.since
        since = self.since if self._head_since is None else self._head_since
        limit = times.header_timeout if begun or not self._answered else times.idle_timeout
        if now < since + limit:
            return None
        if self._answered and self.has_unread:  # a request has just come
            return None
        if not begun:
            wire.close()
            return None if self._answered else "a first request"
        self._refuse(Refusal(408, f"the head of the request was not there within {limit:g} s"))
        return None

    def _note_body(self, request: web.BaseRequest, wire: asyncio.Transport, now: float) -> None:
        """Note since when a body is waited for; once the handler answers, it is a stream, and may take its time."""
        if self._deaf or request.content.is_eof() or request.writer.output_size:
            self._body = None
        elif self._body is None or not wire.is_reading():  # who does not read must not complain
            self._body = (now, self._received)

    def _note_progress(self, wire: asyncio.Transport) -> None:
        unsent = wire.get_write_buffer_size()
        self._sent += max(0, self._unsent - unsent)
        self._unsent = unsent

    def _check_work(self, wire: asyncio.Transport) -> str:
        if self._stalled is not None or self.request is None:
            wire.abort()
            return "the reader of an answer"
        error = ProblemError(408, "the body did not come in time", headers={"Connection": "close"})
        self._break_off(self.request, error)
        self._body = None
        return "a body"
