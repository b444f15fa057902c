"""What is secret, and how it is masked: one table for `config show`, messages about mistakes, reasons and log lines.

A text is masked by value, where a `Secret` that exists has the value, and by pattern: values under the names of the
table, what `Authorization` and cookies hold, and the user information of URLs. Every function cuts first, and its cost
grows with the length of the text at most in proportion.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from petsage.redaction.known_secrets import KNOWN, MIN_LENGTH, in_base64, value_spans
from petsage.redaction.secret import MASK, Secret
from petsage.text import cut

MAX_TEXT = 8192
"""The length in characters at which a text is cut before it is masked, unless its reader says otherwise."""

_MARGIN = 1024  # what stands within so many characters of a cut is dropped: it may be a part of something secret

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
_WORDS = ("token", "pass", "pwd", "secret", "key", "dsn", "credential", "auth", "cookie", "jwt", "pw", "sid", "sig")

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

Spans = list[tuple[int, int]]


def is_secret_name(name: str) -> bool:
    """Return whether a key's name says that its value is secret."""
    return _NAME.search(name.lower()) is not None


def masked(text: str, most: int = MAX_TEXT, also: Iterable[str] = ()) -> str:
    """Cut `text` at `most` characters and mask what is secret in it; `also` are values that are secret here."""
    values = _known(also)
    margin = max(_MARGIN, len(values[0]) if values else 0)
    if len(text) <= most + margin:
        return cut(_masked(text, values), most)
    shown = _masked(text[: most + margin], values)[:-margin]
    return f"{shown[: most - 1]}…"


def masked_ends(text: str, most: int) -> str:
    """Mask what is secret in a text, of which the beginning and the end are kept if it is longer than `most`."""
    if len(text) <= most:
        return masked(text, most)
    values = _known(())
    margin = max(_MARGIN, len(values[0]) if values else 0)
    end = _masked(text[-(most // 2 + margin) :], values)[margin:]
    return f"{masked(text, most // 2)}\n{end[-(most // 2) :]}"


def masked_value(value: Any, secrets: Collection[tuple[str | int, ...]] = (), path: tuple[str | int, ...] = ()) -> Any:
    """Return a copy of plain values in which secret ones are masks: by name, by the paths `secrets`, and as texts."""
    if isinstance(value, dict):
        return {str(key): masked_value(member, secrets, (*path, str(key))) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(member, secrets, (*path, index)) for index, member in enumerate(value)]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Secret) or path in secrets or any(is_secret_name(str(key)) for key in path[1:]):
        return MASK
    return value if type(value) in {int, float} else masked(str(value))


def secret_parts(url: str) -> tuple[str, ...]:
    """Return what is secret in a URL: its password, a user name that stands alone, and parameters with such names.

    A password that is not percent-encoded may hold `/` or `@`, and so end at the last `@`.
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


def _known(also: Iterable[str]) -> tuple[str, ...]:
    extra = [value for value in also if len(value) >= MIN_LENGTH]
    return tuple(sorted({*KNOWN.values(), *extra}, key=len, reverse=True)) if extra else KNOWN.values()


def _masked(text: str, values: Collection[str]) -> str:
    spans = [*value_spans(text, values), *_pattern_spans(text)]
    if not spans:
        return text
    shown, at = [], 0
    for start, end in _united(spans):
        shown += [text[at:start], MASK]
        at = end
    return "".join([*shown, text[at:]])


def _united(spans: Spans) -> Iterator[tuple[int, int]]:
    """Yield the spans in order, those that overlap or touch as one."""
    start, end = -1, -1
    for first, last in sorted(spans):
        if first > end:
            if end >= 0:
                yield start, end
            start, end = first, last
        else:
            end = max(end, last)
    yield start, end


def _pattern_spans(text: str) -> Iterator[tuple[int, int]]:
    if "://" in text and "@" in text:
        yield from _user_information(text)
    if _KEY_BEGINS in text:
        yield from _private_keys(text)
    lower = text.lower()
    if len(lower) != len(text):  # one character of a few has two in lower case
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
    """Yield the passwords of URLs, and a user name without a password, for it may be a token.

    A password that is not percent-encoded may hold anything but spaces, so it ends at the last `@` of the word.
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
    """Return whether a word after `Basic` is what RFC 7617 puts there."""
    import base64  # noqa: PLC0415 (few texts have such a word)

    try:
        return b":" in base64.b64decode(word + "=" * (-len(word) % 4))
    except ValueError:
        return False
