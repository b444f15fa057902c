"""Where to ask: `http://HOST[:PORT][/PATH]`, the same with https, or `unix:SOCKET[:/PATH]`."""

from dataclasses import dataclass, field, replace

from yarl import URL

from petsage import PetSageError
from petsage.redaction import Secret, secret_parts
from petsage.text import printable

READINESS = "/readyz"
"""What is asked of a URL without a path."""

DEFAULT = "http://127.0.0.1:8080/readyz"


_LONGEST_NAME = 500


class TargetError(PetSageError, ValueError):
    """A text names no place to ask; the message never repeats it, for it may hold a password."""


@dataclass(frozen=True)
class Target:
    """A place to ask; `name` is what people call it, without user, password and query.

    `secret` keeps the password known, so that no line shows it.
    """

    name: str
    url: URL = field(repr=False)
    socket: str | None = None
    secret: Secret | None = field(default=None, repr=False, compare=False)

    @property
    def where(self) -> str:
        """Host and port, or the socket's path, as reasons name them."""
        return self.socket or f"{self.url.host_subcomponent}:{self.url.port}"

    def sibling(self, path: str) -> "Target":
        """Return another path at the same place."""
        return replace(self, url=self.url.with_path(path))


def parse_target(text: str) -> Target:
    """Read a target; raise `TargetError`."""
    scheme, _, rest = text.strip().partition(":")
    if scheme.lower() == "unix":
        return _unix(rest)
    if scheme.lower() in ("http", "https") and rest.startswith("//"):
        return _http(text.strip(), rest[2:])
    raise TargetError("a URL is http://HOST[:PORT][/PATH], https://… or unix:SOCKET[:/PATH]")


def _unix(rest: str) -> Target:
    socket, separator, path = rest.partition(":/")
    if not socket:
        raise TargetError("the path of a socket is missing, as in unix:/run/petsage.sock:/readyz")
    path = f"/{path}" if separator else READINESS
    return Target(_shown(f"unix:{socket}:{path}"), _url(f"http://localhost{path}"), socket)


def _http(text: str, rest: str) -> Target:
    if "@" in rest.partition("/")[2] + rest.partition("?")[2] + rest.partition("#")[2]:
        raise TargetError("an '@' after the host: what stands before it may be a password (write %40)")
    url = _url(text)
    if not url.host:
        raise TargetError("the URL lacks a host")
    if not rest.partition("#")[0].partition("?")[0].partition("/")[1]:
        url = url.with_path(READINESS, keep_query=True)
    name = _shown(str(url.with_user(None)))
    return Target(name, url, secret=Secret(text, secret_parts(text)))


def _shown(url: str) -> str:
    return printable(url.partition("?")[0], _LONGEST_NAME)


def _url(text: str) -> URL:
    try:
        url = URL(text).with_fragment(None)
        _ = url.port
    except (ValueError, TypeError):
        raise TargetError("the URL cannot be read") from None
    return url
