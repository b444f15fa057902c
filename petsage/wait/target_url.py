"""URLs of targets: `http://HOST[:PORT][/PATH]`, the same with https, or `unix:SOCKET[:/PATH]`."""

from dataclasses import dataclass, field, replace

from yarl import URL

from petsage import PetSageError
from petsage.redaction import Secret, secret_parts
from petsage.text import printable

READINESS = "/readyz"
"""The path that is requested when a URL has none."""

DEFAULT_URL = "http://127.0.0.1:8080/readyz"

_MAX_NAME = 500


class TargetError(PetSageError, ValueError):
    """A text is not a target's URL; the message never repeats it, for it may contain a password."""


@dataclass(frozen=True)
class TargetUrl:
    """A URL to request.

    Attributes:
        name: The URL as it is shown: without user, password and query.
        url: The URL to request; its host is `localhost` where `socket` is set.
        socket: The path of a Unix socket, or None for TCP.
        secret: Keeps the password registered with the redaction, so that it is masked in every line.
    """

    name: str
    url: URL = field(repr=False)
    socket: str | None = None
    secret: Secret | None = field(default=None, repr=False, compare=False)

    @property
    def address(self) -> str:
        """Host and port, or the socket's path, as reasons name them."""
        return self.socket or f"{self.url.host_subcomponent}:{self.url.port}"

    def with_path(self, path: str) -> "TargetUrl":
        """Return the URL of another path on the same server."""
        return replace(self, url=self.url.with_path(path))


def parse_target(text: str) -> TargetUrl:
    """Parse the URL of a target; raise `TargetError`."""
    scheme, _, rest = text.strip().partition(":")
    if scheme.lower() == "unix":
        return _parse_unix(rest)
    if scheme.lower() in ("http", "https") and rest.startswith("//"):
        return _parse_http(text.strip(), rest[2:])
    raise TargetError("a URL is http://HOST[:PORT][/PATH], https://… or unix:SOCKET[:/PATH]")


def _parse_unix(rest: str) -> TargetUrl:
    socket, separator, path = rest.partition(":/")
    if not socket:
        raise TargetError("the path of a socket is missing, as in unix:/run/petsage.sock:/readyz")
    path = f"/{path}" if separator else READINESS
    return TargetUrl(_display_name(f"unix:{socket}:{path}"), _parse_http_url(f"http://localhost{path}"), socket)


def _parse_http(text: str, rest: str) -> TargetUrl:
    if "@" in rest.partition("/")[2] + rest.partition("?")[2] + rest.partition("#")[2]:
        raise TargetError("an '@' after the host: what precedes it may be a password (write %40)")
    url = _parse_http_url(text)
    if not url.host:
        raise TargetError("the URL lacks a host")
    if not rest.partition("#")[0].partition("?")[0].partition("/")[1]:
        url = url.with_path(READINESS, keep_query=True)
    name = _display_name(str(url.with_user(None)))
    return TargetUrl(name, url, secret=Secret(text, secret_parts(text)))


def _display_name(url: str) -> str:
    return printable(url.partition("?")[0], _MAX_NAME)


def _parse_http_url(text: str) -> URL:
    try:
        url = URL(text).with_fragment(None)
        _ = url.port
    except (ValueError, TypeError):
        raise TargetError("the URL cannot be read") from None
    return url
