"""Content types (RFC 9110, section 8.3), read in bounded time and without a choice of codecs for the client.

aiohttp reads them with the standard library's parser of mail: it takes half a second for 8 kB of `;`, decodes
`a*=punycode''…`, and hands on any charset that Python has a codec for, quadratic ones among them. Python also remembers
every unknown name that it was asked for, for ever.
"""

import re
from typing import NamedTuple

MAX_LENGTH = 256
"""Characters; the longest media type registered has 87, the longest boundary 70."""

CHARSETS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "windows-1252": "windows-1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
"""The charsets in which a text is read, each with Python's name of its codec; all of them take linear time."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 (RFC 9110 calls it so)
_QUOTED = r'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*"'
_TYPE = re.compile(rf"[ \t]*({_TOKEN}/{_TOKEN})[ \t]*")
_PARAMETER = re.compile(rf";[ \t]*(?:({_TOKEN})=({_TOKEN}|{_QUOTED})[ \t]*)?")
_ESCAPED = re.compile(r"\\(.)")


class MediaType(NamedTuple):
    """A media type in small letters, and the charset it names, as it is written but in small letters."""

    name: str
    charset: str | None = None


def read_media_type(text: str) -> MediaType | None:
    """Return what a Content-Type says; None when it is malformed, too long, or has an extended parameter.

    Extended parameters (`name*=charset'language'value`, RFC 8187) name a charset of their own, and Content-Type has
    none. A charset that is named twice is malformed.
    """
    found = _TYPE.match(text) if len(text) <= MAX_LENGTH else None
    parameters = parameters_of(text, found.end()) if found else None
    if found is None or parameters is None or any(name.endswith("*") for name in parameters):
        return None
    charset = parameters.get("charset")
    return MediaType(found.group(1).lower(), None if charset is None else charset.lower())


def parameters_of(text: str, start: int) -> dict[str, str] | None:
    """Return the parameters from `start` to the end, names in small letters; None when they are malformed."""
    parameters: dict[str, str] = {}
    while start < len(text):
        found = _PARAMETER.match(text, start)
        if found is None or (found.group(1) or "").lower() in parameters:
            return None
        if found.group(1) is not None:
            parameters[found.group(1).lower()] = _unquoted(found.group(2))
        start = found.end()
    return parameters


def _unquoted(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
