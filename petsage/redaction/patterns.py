"""Secrets by their form: values under secret names, credentials, passwords of URLs, private keys."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from petsage.redaction.known_secrets import in_base64

# The one table of names: a value is secret where its key contains one of the first or is one of the second.
_PARTS_OF_NAMES = (
    "token",
    "passw",
    "passphrase",
    "pwd",
    "secret",
    "key",
    "dsn",
    "credential",
    "authorization",
    "cookie",
)
_WHOLE_NAMES = ("auth", "jwt", "pass", "pw", "sid", "sig", "signature")

_NAMES = (*_PARTS_OF_NAMES, *_WHOLE_NAMES)
_WORDS = tuple(name for name in _NAMES if not any(other in name for other in _NAMES if other != name))
"""The shortest words of the table: a text without any of them has none of its names."""

# All patterns below are for texts in lower case.
_PART, _WHOLE = "|".join(_PARTS_OF_NAMES), "|".join(_WHOLE_NAMES)
_IN_PROSE = _PART.replace("passw|", "passw(?:or)?d|").replace("|key|", "|(?:api|access|private|secret)[_-]?key|")
_QUOTED = (
    r"""\\{0,3}[bru]{0,2}(?:"(?P<double>[^"\\]*(?:\\.[^"\\]*)*)"""
    r"""|'(?P<single>[^'\\]*(?:\\.[^'\\]*)*))"""
)
_VALUE = rf"(?:{_QUOTED}|(?P<bare>[^\s&;\"'][^\s&;]*))"
_LAST_WORD = rf"(?:{_QUOTED}|(?P<bare>(?>[^\s\"']\S*)(?:(?<=[,;)\]}}])|(?=[ \t]{{0,3}}(?:[\r\n]|\Z)))))"
_NAME = re.compile(rf"{_PART}|\A(?:{_WHOLE})\Z")
_VALUES = (
    # a header: `Authorization: Bearer x`, `Cookie: a=b; c=d`
    re.compile(r"(?:authorization|cookie2?)[ \t]{0,3}[:=][ \t]{0,3}(?![bru]?['\"])(?P<bare>[^\r\n]+)"),
    # a member, in Python, JSON, JSON within JSON, a list of headers, or Ruby: `'password': 'x'`, `('password', 'x')`
    re.compile(
        rf"(?:(?:{_PART})[\w.-]{{0,40}}|\b(?:{_WHOLE}))\\{{0,3}}['\"]\s{{0,3}}(?:=>|[:=,])\s{{0,3}}{_VALUE}", re.DOTALL
    ),
    # an argument or a parameter: `password=x`, `password = 'x y'`, `?api_key=x`, `?user[token]=x`
    re.compile(rf"(?:(?:{_PART})[\w.-]{{0,40}}(?:\]|%5d)?|\b(?:{_WHOLE}))\s{{0,3}}=\s{{0,3}}{_VALUE}", re.DOTALL),
    # an entry: `password: x`; prose such as `wrong password: ask for another`, `key: 1` and `KeyError: 'x'` are none
    re.compile(rf"(?:{_IN_PROSE})s?\s{{0,3}}:\s{{1,3}}{_LAST_WORD}", re.DOTALL),
)
_BEARER = re.compile(r"\bbearer(?:\s|%20|\+){1,3}(?P<bare>[^\s'\"]+)")
_BASIC = re.compile(r"\bbasic(?:\s|%20|\+){1,3}(?P<bare>[\w+/=-]{4,4096})")
_WORD = re.compile(r"\S+")
_KEY_BEGINS, _KEY_ENDS = "PRIVATE KEY-----", "-----END"


def is_secret_name(name: str) -> bool:
    """Return whether the value of a key with this name is secret."""
    return _NAME.search(name.lower()) is not None


def secret_parts(url: str) -> tuple[str, ...]:
    """Return the secrets of a URL: its password, a user name without a password, and parameters with secret names.

    A password that is not percent-encoded may contain `/` or `@`; it ends at the last `@`.
    """
    try:
        parts = urlsplit(url)
        scheme, query, netloc = parts.scheme, parts.query, parts.netloc
    except ValueError:
        return (url,)
    after = url.partition("://")[2]
    found = [value for name, value in parse_qsl(query) if is_secret_name(name)]
    for holder in {netloc, after}:
        user, colon, password = holder.rpartition("@")[0].partition(":")
        if password:
            found += [password, in_base64(f"{unquote(user)}:{unquote(password)}")]
        elif user and not colon and scheme in {"http", "https"}:
            found.append(user)
    return tuple({part for raw in found for part in (raw, unquote(raw))})


def pattern_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each secret in a text that is recognized by its form; such spans may overlap."""
    if "://" in text and "@" in text:
        yield from _user_information(text)
    if _KEY_BEGINS in text:
        yield from _private_keys(text)
    lower = text.lower()
    if len(lower) != len(text):  # a few characters become two in lower case
        lower = "".join(char if len(char.lower()) > 1 else char.lower() for char in text)
    if any(word in lower for word in _WORDS):
        for pattern in _VALUES:
            yield from _groups(pattern, lower)
    if "bearer" in lower:
        yield from _groups(_BEARER, lower)
    if "basic" in lower:
        yield from (
            found.span("bare") for found in _BASIC.finditer(lower) if _is_basic(text[slice(*found.span("bare"))])
        )


def _groups(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    for found in pattern.finditer(text):
        span = found.span(found.lastgroup or 0)
        if span[0] < span[1]:
            yield span


def _user_information(text: str) -> Iterator[tuple[int, int]]:
    """Yield the passwords of URLs, and user names without a password, since they may be tokens.

    A password that is not percent-encoded may contain anything but spaces; it ends at the last `@` of the word.
    """
    for word in _WORD.finditer(text):
        start, end = word[0].find("://") + 3, word[0].rfind("@")
        user, colon, password = word[0][start:end].partition(":")
        if start < 3 or start > end or not user.isprintable() or any(char in user for char in "/?#"):  # noqa: PLR2004 (not found)
            continue
        is_token = not colon or password in ("", "x-oauth-basic")
        yield word.start() + start + (0 if is_token else len(user) + 1), word.start() + end


def _private_keys(text: str) -> Iterator[tuple[int, int]]:
    at = text.find(_KEY_BEGINS)
    while at >= 0:
        start = at + len(_KEY_BEGINS)
        end = text.find(_KEY_ENDS, start)
        yield start, len(text) if end < 0 else end
        last = text.find(_KEY_BEGINS, end) if end >= 0 else -1  # the name in the line that ends the key
        at = text.find(_KEY_BEGINS, last + 1) if last >= 0 else -1


def _is_basic(word: str) -> bool:
    """Return whether a word after `Basic` is base64 of `user:password` (RFC 7617)."""
    import base64  # noqa: PLC0415 (few texts have such a word)

    try:
        return b":" in base64.b64decode(word + "=" * (-len(word) % 4))
    except ValueError:
        return False
