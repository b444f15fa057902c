"""HTTP/1 responses as a probe needs them (RFC 9112): the status and the beginning of the body, from any peer."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket

MAX_BODY_BYTES = 4096
MAX_RESPONSE_BYTES = 65536
RECEIVE_BYTES = 4096
CONTINUE, SWITCHING_PROTOCOLS, NO_CONTENT, NOT_MODIFIED = 100, 101, 204, 304
SUCCESS, REDIRECT = range(200, 300), range(300, 400)
INTERIM = {*range(100, 200)} - {SWITCHING_PROTOCOLS}
WITHOUT_BODY = (SWITCHING_PROTOCOLS, NO_CONTENT, NOT_MODIFIED)
DIGITS = b"0123456789"
HEX_DIGITS = b"0123456789abcdefABCDEF"


class Stream:
    """Received bytes, read by lines and by counts.

    Raises EOFError when the peer closes too early, ValueError for a response that is not HTTP or too long, and OSError.
    """

    def __init__(self, connection: "socket") -> None:
        self._connection = connection
        self._data = b""
        self._received = 0

    def receive(self) -> None:
        """Wait for more bytes, and keep them."""
        if self._received > MAX_RESPONSE_BYTES:
            raise ValueError(f"more than {MAX_RESPONSE_BYTES} bytes of it")
        data = self._connection.recv(RECEIVE_BYTES)
        if not data:
            raise EOFError("closed early")
        self._data += data
        self._received += len(data)

    def expect(self, start: bytes) -> None:
        """Raise ValueError as soon as the next bytes cannot be `start`, without waiting for all of them."""
        while len(self._data) < len(start) and start.startswith(self._data):
            self.receive()
        if not self._data.startswith(start):
            raise ValueError(f"not HTTP/1: {first_line(self._data)}")

    def line(self) -> bytes:
        """Return the next line without its line break."""
        while b"\n" not in self._data:
            self.receive()
        line, _, self._data = self._data.partition(b"\n")
        return line.removesuffix(b"\r")

    def take(self, count: int, into: bytearray) -> None:
        """Append the next `count` bytes to `into`, or those that were received when the peer closes early."""
        try:
            while len(self._data) < count:
                self.receive()
        finally:
            into += self._data[:count]
            self._data = self._data[count:]


class ProbeResponse:
    """The head of the final response, and its body as far as it is read; raises what `Stream` raises."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.body = bytearray()
        self.status = CONTINUE
        while self.status in INTERIM:
            self.status, self.reason = self._read_status()
            self.fields = self._read_fields()

    def _read_status(self) -> tuple[int, bytes]:
        self._stream.expect(b"HTTP/1.")
        line = self._stream.line()
        code, _, reason = line.partition(b" ")[2].partition(b" ")
        if len(code) != len("200") or not code.isdigit():
            raise ValueError(f"not a status line: {first_line(line)}")
        return int(code), reason

    def _read_fields(self) -> dict[bytes, bytes]:
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
        """Read the whole body (RFC 9112, section 6.3), or its first MAX_BODY_BYTES bytes."""
        if self.status in WITHOUT_BODY:
            return
        if self.fields.get(b"transfer-encoding", b"").lower().endswith(b"chunked"):
            self._read_chunks()
        elif b"content-length" in self.fields:
            length = _parse_length(self.fields[b"content-length"], DIGITS)
            self._stream.take(min(length, MAX_BODY_BYTES), self.body)
        else:
            self._read_all()

    def _read_chunks(self) -> None:
        while size := _parse_length(self._stream.line().partition(b";")[0].strip(), HEX_DIGITS):
            free = MAX_BODY_BYTES - len(self.body)
            self._stream.take(min(size, free), self.body)
            if size >= free:
                return
            if self._stream.line():
                raise ValueError("a chunk longer than its size")

    def _read_all(self) -> None:
        try:
            self._stream.take(MAX_BODY_BYTES, self.body)
        except EOFError:
            return

    def __str__(self) -> str:
        if self.status in REDIRECT and b"location" in self.fields:
            return f"{self.status} redirect to {_without_secrets(first_line(self.fields[b'location']))}, not followed"
        return f"{self.status} {first_line(self.body) or first_line(self.reason)}".rstrip()


def _without_secrets(location: str) -> str:
    """Return a URL without what may be secret in it: its query, user and password."""
    location = location.partition("?")[0]
    scheme, slashes, rest = location.partition("//")
    _, at, address = rest.rpartition("@")
    return f"{scheme}{slashes}********@{address}" if at else location


def _parse_length(digits: bytes, alphabet: bytes) -> int:
    """Parse a length; int() alone would accept signs, underscores and thousands of digits."""
    if not digits or digits.strip(alphabet) or len(digits) > len("1000000000000000"):
        raise ValueError(f"not a length: {first_line(digits)}")
    return int(digits, 10 if alphabet == DIGITS else 16)


def first_line(data: bytes | bytearray) -> str:
    """Return the first line that is not blank, with bytes that are not UTF-8 escaped."""
    return data.strip().partition(b"\n")[0].rstrip().decode("utf-8", "backslashreplace")
