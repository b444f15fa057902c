"""Content types (RFC 9110, section 8.3), read in bounded time; the client cannot choose an arbitrary codec.

aiohttp uses the standard library's mail parser. It takes half a second for 8 kB of `;`, decodes `a*=punycode''…`, and
passes on any charset that Python has a codec for, including codecs of quadratic time. Python also caches every unknown
name without a limit.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from aiohttp import hdrs, web

MAX_LENGTH = 256
"""Characters of a Content-Type; the longest registered media type has 87, the longest boundary 70."""

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
"""Supported charsets, each with Python's name of its codec; all take linear time."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 (RFC 9110 calls it so)
_QUOTED = r'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*"'
_TYPE = re.compile(rf"[ \t]*({_TOKEN}/{_TOKEN})[ \t]*")
_PARAMETER = re.compile(rf";[ \t]*(?:({_TOKEN})=({_TOKEN}|{_QUOTED})[ \t]*)?")
_ESCAPED = re.compile(r"\\(.)")


class MediaType(NamedTuple):
    """Media type and charset in lower case."""

    name: str
    charset: str | None = None


_OCTETS = MediaType("application/octet-stream")


def read_media_type(text: str) -> MediaType | None:
    """Return the media type of a Content-Type, or None if it is malformed, too long or has an extended parameter.

    Extended parameters (`name*=charset'language'value`, RFC 8187) have a charset of their own, and are not allowed in a
    Content-Type. Two charsets are malformed.
    """
    found = _TYPE.match(text) if len(text) <= MAX_LENGTH else None
    parameters = parameters_of(text, found.end()) if found else None
    if found is None or parameters is None or any(name.endswith("*") for name in parameters):
        return None
    charset = parameters.get("charset")
    return MediaType(found.group(1).lower(), None if charset is None else charset.lower())


def media_type_of(headers: Mapping[str, str]) -> MediaType:
    """Return the media type of a body; `application/octet-stream` if there is none, or it is malformed."""
    return read_media_type(headers.get(hdrs.CONTENT_TYPE, "")) or _OCTETS


def parameters_of(text: str, start: int) -> dict[str, str] | None:
    """Return the parameters from `start` to the end, with names in lower case, or None if they are malformed."""
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


def codec_of(media_type: MediaType) -> str | None:
    """Return Python's name of a media type's charset, or None without one. Raise a 415 for an unsupported charset."""
    if media_type.charset is None:
        return None
    codec = CHARSETS.get(media_type.charset)
    if codec is None:
        raise web.HTTPUnsupportedMediaType(text=f"a text must be in one of {', '.join(CHARSETS)}")
    return codec
