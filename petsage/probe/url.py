"""URLs that the probe requests: `http://HOST[:PORT][/PATH]` or `unix:SOCKET[:/PATH]`."""

try:
    import _socket as socket
except ImportError:  # not CPython
    import socket  # type: ignore[no-redef]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEFAULT_PATH = "/smoke-test"


class UsageError(Exception):
    """A mistake in the command line; the text never repeats a URL, which may contain a password."""


class ProbeUrl:
    """A URL to request.

    Attributes:
        host: Value of the header `Host`.
        path: Path and query.
        hosts: Host names or addresses to try, in this order.
        port: TCP port.
        unix: Path of a Unix socket; empty for TCP.
    """

    def __init__(self, host: str, path: str, hosts: tuple[str, ...] = (), port: int = 0, unix: str = "") -> None:
        self.host = host
        self.path = path
        self.hosts = hosts
        self.port = port
        self.unix = unix

    def __str__(self) -> str:
        return f"unix:{self.unix}" if self.unix else self.host

    def request(self) -> bytes:
        """Return the bytes of the request."""
        head = f"GET {self.path} HTTP/1.1\r\nHost: {self.host}\r\nUser-Agent: petsage-probe\r\n"
        return f"{head}Accept: application/json\r\nConnection: close\r\n\r\n".encode()

    def addresses(self) -> "list[tuple[int, Any, str]]":
        """Return family, address and name of each address to connect to, in the order to try them."""
        if self.unix:
            return [(socket.AF_UNIX, self.unix, self.unix)]
        return [
            (family, address, str(address[0]))
            for host in self.hosts
            # as bytes: for a str, the idna codec would be imported, which costs more than everything else
            for family, _, _, _, address in socket.getaddrinfo(host.encode(), self.port, 0, socket.SOCK_STREAM)
        ]


def parse_probe_url(url: str) -> ProbeUrl:
    """Parse a URL; raise `UsageError` unless it is `http://HOST[:PORT][/PATH]` or `unix:SOCKET[:/PATH]`."""
    scheme, _, rest = url.strip().partition(":")
    scheme = scheme.lower()
    if scheme == "unix":
        return _parse_unix(rest)
    if scheme == "http" and rest.startswith("//"):
        if "@" in rest.partition("#")[2]:
            raise UsageError("contains an '@' after the host, write it as %40")
        return _parse_http(_without_fragment(rest[2:]))
    if scheme == "https":
        raise UsageError("https:// is not supported, ask http:// on the loopback address")
    raise UsageError("must be http://HOST[:PORT][/PATH] or unix:SOCKET[:/PATH]")


def _parse_unix(rest: str) -> ProbeUrl:
    unix, separator, path = rest.partition(":/")
    if not unix:
        raise UsageError("lacks the path of a socket, as in unix:/run/petsage.sock:/smoke-test")
    return ProbeUrl("localhost", f"/{_without_fragment(path)}" if separator else DEFAULT_PATH, unix=unix)


def _parse_http(rest: str) -> ProbeUrl:
    authority = rest.partition("/")[0].partition("?")[0]
    path = rest[len(authority) :]
    if "@" in path:  # what precedes it may be a password that contains a slash
        raise UsageError("contains an '@' after the host, write it as %40")
    host, port = _split_authority(authority)
    # RFC 6761, section 6.3: localhost is loopback, whatever a resolver answers
    hosts = ("127.0.0.1", "::1") if host.lower() == "localhost" else (host.strip("[]"),)
    return ProbeUrl(f"{host}:{port}", path if path.startswith("/") else f"/{path}", hosts, port)


def _without_fragment(text: str) -> str:
    """Return `text` without its fragment; raise `UsageError` for characters that could end a line of the request."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise UsageError("contains a space, a control or a non-ASCII character, write it percent-encoded")
    return text.partition("#")[0]


def _split_authority(authority: str) -> tuple[str, int]:
    if "@" in authority:
        raise UsageError("contains a user or password, which the probe does not send")
    colon = authority.rfind(":", authority.rfind("]") + 1)
    host, port = (authority, "") if colon < 0 else (authority[:colon], authority[colon + 1 :])
    if not host.strip("[]"):
        raise UsageError("lacks a host")
    if any(character in host for character in ":[]") and host[0] + host[-1] != "[]":
        raise UsageError("must have its IPv6 address in brackets, as in http://[::1]:8080")
    if port.strip("0123456789") or int(port[:6] or 80) not in range(1, 65536):
        raise UsageError("has a port that is not a number from 1 to 65535")
    return host, int(port or 80)
