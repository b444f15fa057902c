"""Time limits for clients that send or read slowly.

aiohttp limits the time between two requests, but not that of a head, of a body, or of a response that the client does
not read. Nothing is timed per packet: `Connections` checks all connections about once a second.
"""

import asyncio
import math
from time import monotonic
from typing import Protocol

from aiohttp import web

from petsage.http import ProblemError
from petsage.http._aiohttp import is_busy
from petsage.server.connection import Connection
from petsage.server.refusals import Refusal

MIN_RATE = 500
"""Bytes per second that extend the time of a body or of a response by one second (Apache's MinRate)."""


class Timeouts(Protocol):
    """Time limits of a client in seconds, from the section `server` of the configuration."""

    @property
    def header_timeout(self) -> float:
        """For a complete head."""

    @property
    def body_timeout(self) -> float:
        """For a body, plus one second per `MIN_RATE` bytes received."""

    @property
    def idle_timeout(self) -> float:
        """Between a response and the next request."""

    @property
    def send_timeout(self) -> float:
        """For reading a response, plus one second per `MIN_RATE` bytes sent."""


class TimedConnection(Connection):
    """Connection with time limits for what it waits for."""

    __slots__ = ()

    def pause_writing(self) -> None:
        """Record that a response waits for the client to read."""
        super().pause_writing()
        if self._link is not None:
            self._stalled_since, self._sent, self._unsent = monotonic(), 0, self._link.get_write_buffer_size()

    def resume_writing(self) -> None:
        """Record that the client has read."""
        self._stalled_since = None
        super().resume_writing()

    def slack(self, now: float, times: Timeouts) -> float:
        """Return the seconds that the client has left; infinity if the connection does not wait for it."""
        if self._stalled_since is not None:
            return self._stalled_since + times.send_timeout + self._sent / MIN_RATE - now
        if self._body_wait is not None:
            since, before = self._body_wait
            return since + times.body_timeout + (self._received - before) / MIN_RATE - now
        return math.inf

    def check(self, now: float, times: Timeouts) -> str | None:
        """End what takes too long; return a description of it, or None."""
        link = self._link
        if link is None:
            return None
        if self._linger_end is not None or link.is_closing():
            return self._check_close(link, now, times)
        if self._stalled_since is not None:
            self._note_progress(link)
        elif self.request is not None:
            self._note_body(self.request, link, now)
        elif not is_busy(self):
            return self._check_wait(link, now, times)
        return None if self.slack(now, times) > 0 else self._check_work(link)

    def _check_close(self, link: asyncio.Transport, now: float, times: Timeouts) -> str | None:
        if self._linger_end is None:  # closed by aiohttp, but the client has not read the rest
            self._linger_end = now + times.send_timeout
        if now >= self._linger_end:
            link.abort()
        return None

    def _check_wait(self, link: asyncio.Transport, now: float, times: Timeouts) -> str | None:
        begun = self._received > 0
        if begun and self._head_since is None:
            self._head_since = now if self._has_answered else self.since
        since = self.since if self._head_since is None else self._head_since
        limit = times.header_timeout if begun or not self._has_answered else times.idle_timeout
        if now < since + limit:
            return None
        if self._has_answered and self.has_unread:  # a request has just arrived
            return None
        if not begun:
            link.close()
            return None if self._has_answered else "a first request"
        self._refuse(Refusal(408, f"the head of the request was not complete within {limit:g} s"))
        return None

    def _note_body(self, request: web.BaseRequest, link: asyncio.Transport, now: float) -> None:
        """Record since when a body is waited for; a body is not timed once the handler has begun to respond."""
        if self._discarding or request.content.is_eof() or request.writer.output_size:
            self._body_wait = None
        elif self._body_wait is None or not link.is_reading():  # or the handler does not read
            self._body_wait = (now, self._received)

    def _note_progress(self, link: asyncio.Transport) -> None:
        unsent = link.get_write_buffer_size()
        self._sent += max(0, self._unsent - unsent)
        self._unsent = unsent

    def _check_work(self, link: asyncio.Transport) -> str:
        if self._stalled_since is not None or self.request is None:
            link.abort()
            return "the reader of a response"
        error = ProblemError(408, "the body did not arrive in time", headers={"Connection": "close"})
        self._fail_body(self.request, error)
        self._body_wait = None
        return "a body"
