"""Request line of a connection's first request, checked before aiohttp parses it."""

from petsage.server.refusals import Refusal, of_line

MAX_LINE = 8190
"""Bytes of a request line that are kept until it is complete; longer ones are left to aiohttp's own limit."""


class RequestLine:
    """First line of a connection, which may arrive in pieces."""

    __slots__ = ("_received", "complete")

    def __init__(self) -> None:
        self._received = b""
        self.complete = False

    def feed(self, data: bytes) -> Refusal | None:
        """Add input; return the refusal of a complete line that is not valid."""
        if data.find(b" HTTP/1.", 0, max(0, data.find(b"\r\n"))) > 0:  # nearly all, in one piece
            self.complete = True
            return None
        received = self._received + data
        line, end, _ = received.lstrip(b"\r\n").partition(b"\n")
        self.complete = bool(end) or len(received) > MAX_LINE
        self._received = b"" if self.complete else received
        return of_line(line.removesuffix(b"\r")) if end else None
