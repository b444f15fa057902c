"""An HTTP/1 answer as a probe needs it: its status, and the first of its body (RFC 9112), whatever the peer sends."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket

BODY_LIMIT = 4096
ANSWER_LIMIT = 65536
PIECE = 4096
CONTINUE, SWITCHING_PROTOCOLS, NO_CONTENT, NOT_MODIFIED = 100, 101, 204, 304
SUCCESS, REDIRECT = range(200, 300), range(300, 400)
INTERIM = {*range(100, 200)} - {SWITCHING_PROTOCOLS}
WITHOUT_BODY = (SWITCHING_PROTOCOLS, NO_CONTENT, NOT_MODIFIED)
DIGITS = b"0123456789"
HEX_DIGITS = b"0123456789abcdefABCDEF"


class Stream:
    """What a peer sends, by lines and by counts. EOFError: it closed too early; ValueError: it makes no sense."""

    def __init__(self, connection: "socket") -> None:
        self._connection = connection
        self._data = b""
        self._received = 0

    def more(self) -> None:
        """Wait for bytes."""
        if self._received > ANSWER_LIMIT:
            raise ValueError(f"more than {ANSWER_LIMIT} bytes of it")
        piece = self._connection.recv(PIECE)
        if not piece:
            raise EOFError("closed early")
        self._data += piece
        self._received += len(piece)

    def expect(self, start: bytes) -> None:
        """Raise as soon as what comes next cannot be `start`, without waiting for all of it."""
        while len(self._data) < len(start) and start.startswith(self._data):
            self.more()
        if not self._data.startswith(start):
            raise ValueError(f"not HTTP/1: {first_line(self._data)}")

    def line(self) -> bytes:
        """Return the next line without its end."""
        while b"\n" not in self._data:
            self.more()
        line, _, self._data = self._data.partition(b"\n")
        return line.removesuffix(b"\r")

    def take(self, count: int, into: bytearray) -> None:
        """Move the next `count` bytes to the end of `into`; those that came when it closes early."""
        try:
            while len(self._data) < count:
                self.more()
        finally:
            into += self._data[:count]
            self._data = self._data[count:]


class ProbeResponse:
    """An answer's final head, and as much of its body as is read; raises what Stream raises, and OSError."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.body = bytearray()
        self.status = CONTINUE
        while self.status in INTERIM:
            self.status, self.reason = self._status()
            self.fields = self._fields()

    def _status(self) -> tuple[int, bytes]:
        self._stream.expect(b"HTTP/1.")
        line = self._stream.line()
        code, _, reason = line.partition(b" ")[2].partition(b" ")
        if len(code) != len("200") or not code.isdigit():
            raise ValueError(f"not a status line: {first_line(line)}")
        return int(code), reason

    def _fields(self) -> dict[bytes, bytes]:
        fields: dict[bytes, bytes] = {}
        while line := self._stream.line():
            name, colon, value = line.partition(b":")
            name, value = name.lower(), value.strip()
            if not colon and not line[:1].isspace():
                raise ValueError(f"not a header line: {first_line(line)}")
            if fields.setdefault(name, value) != value and name == b"content-length":
                raise ValueError("two lengths of one body")
        return fields

    def read_body(self) -> None:
        """Read the body to its promised end (RFC 9112, section 6.3), or BODY_LIMIT bytes of it."""
        if self.status in WITHOUT_BODY:
            return
        if self.fields.get(b"transfer-encoding", b"").lower().endswith(b"chunked"):
            self._read_chunks()
        elif b"content-length" in self.fields:
            length = _number(self.fields[b"content-length"], DIGITS)
            self._stream.take(min(length, BODY_LIMIT), self.body)
        else:
            self._read_all()

    def _read_chunks(self) -> None:
        while size := _number(self._stream.line().partition(b";")[0].strip(), HEX_DIGITS):
            room = BODY_LIMIT - len(self.body)
            self._stream.take(min(size, room), self.body)
            if size >= room:
                return
            if self._stream.line():
                raise ValueError("a chunk longer than its size")

    def _read_all(self) -> None:
        try:
            self._stream.take(BODY_LIMIT, self.body)
        except EOFError:
            return

    def __str__(self) -> str:
        if self.status in REDIRECT and b"location" in self.fields:
            return f"{self.status} redirect to {_place(first_line(self.fields[b'location']))}, not followed"
        return f"{self.status} {first_line(self.body) or first_line(self.reason)}".rstrip()


def _place(location: str) -> str:
    """Return a URL without what may be secret in it: its query, and what stands before an `@`."""
    location = location.partition("?")[0]
    scheme, slashes, rest = location.partition("//")
    _, at, place = rest.rpartition("@")
    return f"{scheme}{slashes}********@{place}" if at else location


def _number(digits: bytes, alphabet: bytes) -> int:
    """Read a length; int() alone would take signs, underscores and thousands of digits."""
    if not digits or digits.strip(alphabet) or len(digits) > len("1000000000000000"):
        raise ValueError(f"not a length: {first_line(digits)}")
    return int(digits, 10 if alphabet == DIGITS else 16)


def first_line(data: bytes | bytearray) -> str:
    """Return the first line that is not blank, with bytes that are no UTF-8 escaped."""
    return data.strip().partition(b"\n")[0].rstrip().decode("utf-8", "backslashreplace")
