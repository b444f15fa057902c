"""Variables inside URLs: each fills one part of the URL and cannot change the other parts."""

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from urllib.parse import quote, unquote

from petsage.settings.errors import UnusableError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://")
_HOST = re.compile(r"[\w.-]{1,255}")
_PORT = re.compile(r"0{0,5}[0-9]{1,5}")
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*")
_NAME = re.compile(r"[A-Za-z0-9._~-]*")
_DOTS = (".", "..")
_MAX_PORT = 65535
_FILLED = "\0"  # marks a variable; no configuration has this character

Piece = tuple[bool, str]
"""Whether a piece of a text was filled in, and the piece."""


def begins_as_url(text: str) -> bool:
    """Return whether a text begins with a scheme, as URLs do."""
    return _SCHEME.match(text) is not None


def filled_url(pieces: list[Piece]) -> str:
    """Return the URL that the pieces make; raise `UnusableError`, which names the part and never the value.

    Values in user, password and query are percent-encoded; a value in the host, the port or the path must be a valid
    host, port or path segment. So no value can lead to another host or change which resource is requested.
    """
    values = (text for filled, text in pieces if filled)
    scheme, _, rest = "".join(_FILLED if filled else text for filled, text in pieces).partition("://")
    rest, hash_, fragment = rest.partition("#")
    rest, mark, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    userinfo, at, hosts = authority.rpartition("@")
    return "".join(
        [
            f"{scheme}://{_fill(userinfo, values, _encoded)}{at}",
            _each(hosts, ",", values, _host_and_port),
            f"{slash}{_each(path, '/', values, _segment)}",
            f"{mark}{_each(query, '&', values, _parameter)}",
            f"{hash_}{_fill(fragment, values, _matching(_SEGMENT, 'fragment'))}",
        ]
    )


def _fill(part: str, values: Iterator[str], encode: Callable[[str], str]) -> str:
    first, *others = part.split(_FILLED)
    return first + "".join(encode(next(values)) + other for other in others)


def _each(part: str, separator: str, values: Iterator[str], fill: Callable[[str, Iterator[str]], str]) -> str:
    return separator.join(fill(member, values) if _FILLED in member else member for member in part.split(separator))


def _host_and_port(part: str, values: Iterator[str]) -> str:
    host, colon, port = part.partition(":") if "]" not in part else _split(part, part.rindex("]") + 1)
    if _FILLED in host:
        host = _host(_fill(host, values, str))
    if _FILLED in port:
        port = _port(_fill(port, values, str))
    return f"{host}{colon}{port}"


def _split(part: str, at: int) -> tuple[str, str, str]:
    return part[:at], part[at : at + 1], part[at + 1 :]


def _host(text: str) -> str:
    if _HOST.fullmatch(text):
        return text
    address, percent, zone = text.removeprefix("[").removesuffix("]").partition("%")
    try:
        ip_address(address)
    except ValueError:
        raise _unfit("host", "the name or the address of a host") from None
    if percent and not _HOST.fullmatch(zone):
        raise _unfit("host", "the name or the address of a host")
    return f"[{address}{percent}{zone}]"


def _port(text: str) -> str:
    if not _PORT.fullmatch(text) or not 0 < int(text) <= _MAX_PORT:
        raise _unfit("port", "a port")
    return text


def _segment(part: str, values: Iterator[str]) -> str:
    text = _fill(part, values, _matching(_SEGMENT, "path"))
    if unquote(text) in _DOTS:
        raise _unfit("path", "one segment of a path")
    return text


def _parameter(part: str, values: Iterator[str]) -> str:
    name, equals, value = part.partition("=")
    return _fill(name, values, _matching(_NAME, "query")) + equals + _fill(value, values, _encoded)


def _matching(form: re.Pattern[str], part: str) -> Callable[[str], str]:
    def checked(value: str) -> str:
        if not form.fullmatch(value):
            raise _unfit(part, f"one part of a {part}" if part != "path" else "one segment of a path")
        return value

    return checked


def _encoded(value: str) -> str:
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise _unfit("user, password or query", "text") from None


def _unfit(part: str, wanted: str) -> UnusableError:
    return UnusableError(
        f"with its variables filled in, the {part} of the url is not {wanted}"
        " (a variable fills one part of a url; a whole url may be one variable and nothing else)"
    )
