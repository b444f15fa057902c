"""Strict parsing of URLs of servers.

Drivers get the parts of a URL, never the URL: their parsers could take a part of a password for the host.
"""

import re
from collections.abc import Collection
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from petsage import PetSageError
from petsage.redaction.secret import MASK

_NAME = re.compile(r"[\w.-]{1,255}")
_ZONE = re.compile(r"(?:%[\w.-]{1,32})?")


class UrlError(PetSageError, ValueError):
    """A URL cannot be used; the text says why, and contains no part of it."""


class UnencodedUrlError(UrlError):
    """A URL has an `@` after the host, which is probably a part of a password; the text says what to write."""


class UrlParts(NamedTuple):
    """The parts of a URL of one server; user and password are decoded, `path` and `query` are as written."""

    scheme: str
    user: str | None
    password: str | None
    host: str
    port: int | None
    path: str
    query: str

    @property
    def protocol(self) -> str:
        """The scheme without a driver, as in SQLAlchemy's `postgresql+asyncpg`."""
        return self.scheme.partition("+")[0]

    @property
    def has_login(self) -> bool:
        """Whether it has a user or a password."""
        return self.user is not None or self.password is not None

    @property
    def database(self) -> str | None:
        """The path without its first slash, decoded; None where there is none."""
        return unquote(self.path.removeprefix("/")) or None

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the query, the last of each name."""
        return dict(_parameters(self.query))


def is_host(text: str) -> bool:
    """Return whether a text can be the name or the address of a host; nothing else is sent to a name server."""
    if _NAME.fullmatch(text):
        return True
    address, percent, zone = text.partition("%")
    try:
        ip_address(address)
    except ValueError:
        return False
    return _ZONE.fullmatch(percent + zone) is not None


def parse_url(url: str) -> UrlParts:
    """Return the parts of a URL.

    An `@` after the host is refused: an unencoded `/`, `?` or `#` in a password ends the host for a parser, and leaves
    the rest of the password, the `@` and the real host in the path or the query.

    Raises:
        UrlError: It is not a URL of one server.
    """
    try:
        return _parts(url)
    except UrlError:
        raise
    except ValueError:
        raise UrlError("not a url") from None


def mask_password(url: str) -> str:
    """Return a URL with its password masked."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at or ":" not in user:
        return url
    return parts._replace(netloc=f"{user.partition(':')[0]}:{MASK}@{host}").geturl()


def strip_login(url: str) -> str:
    """Return a URL without user, password and fragment, as it is sent to a server."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()


def unknown_parameters(parts: UrlParts, known: Collection[str]) -> list[str]:
    """Return the names of parameters of the query that are not in `known`."""
    return [name for name in parts.parameters if name not in known]


def repeated_parameters(parts: UrlParts) -> list[str]:
    """Return the names of parameters that occur more than once, of which only one could be used."""
    names = [name for name, _ in _parameters(parts.query)]
    return [name for name in parts.parameters if names.count(name) > 1]


def _parts(url: str) -> UrlParts:
    if not url.isprintable():
        raise UrlError("not a url")
    split = urlsplit(url)
    if "@" in split.path + split.query + split.fragment:
        raise UnencodedUrlError("an '@' after the host: write %40, or put user and password into keys of their own")
    host, port = split.hostname or "", split.port
    if not is_host(host) or port == 0:
        raise UrlError("not a url of one server")
    _parameters(split.query)
    return UrlParts(split.scheme, *_login(split), host, port, split.path, split.query)


def _login(split: SplitResult) -> tuple[str | None, str | None]:
    userinfo, at, _ = split.netloc.rpartition("@")
    user, colon, password = userinfo.partition(":")
    decoded = unquote(user, errors="strict"), unquote(password, errors="strict")
    return (decoded[0] or None) if at else None, decoded[1] if colon else None


def _parameters(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True, max_num_fields=100)
