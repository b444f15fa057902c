"""Secrets by their value: the values of all `Secret` objects that exist, found in texts in any common notation."""

import itertools
import re
import weakref
from collections.abc import Collection, Iterable, Iterator

MIN_LENGTH = 4
"""Characters; shorter values are not searched for, since they occur by chance in any text."""

_MAX_VALUE = 8192  # of a longer value only the beginning is searched for
_MIN_LINE = 16  # lines of this length in a value of several lines are searched for on their own
_MAX_START = 256
_MAX_ELLIPSES = 20
_SCHEMES = frozenset({"apikey", "basic", "bearer", "digest", "token"})
_ESCAPES = re.compile(r"(?:%[0-9a-fA-F]{2})+")


class KnownSecrets:
    """The values of all secrets that exist, in each notation that they are searched for."""

    def __init__(self) -> None:
        self._values: dict[int, frozenset[str]] = {}
        self._changes = itertools.count(1)
        self._version = 0
        self._sorted: tuple[int, tuple[str, ...]] = (0, ())

    def add(self, owner: object, texts: Iterable[str]) -> None:
        """Search for these texts as long as `owner` exists."""
        values = frozenset(form for text in texts for form in _forms(text))
        if values:
            self._values[id(owner)] = values
            weakref.finalize(owner, self._forget, id(owner)).atexit = False
            self._version = next(self._changes)

    def values(self) -> tuple[str, ...]:
        """Return all values of at least `MIN_LENGTH` characters, the longest first."""
        version, found = self._sorted
        if version != self._version:
            version = self._version
            found = tuple(sorted({form for forms in list(self._values.values()) for form in forms}, key=len))[::-1]
            self._sorted = (version, found)
        return found

    def _forget(self, key: int) -> None:
        self._values.pop(key, None)
        self._version = next(self._changes)


KNOWN = KnownSecrets()
"""The secrets of this process, since its loggers are shared."""


def value_spans(text: str, values: Collection[str]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each value in a text, plain or percent-encoded; such spans may overlap."""
    if not values:
        return
    yield from _places(text, values)
    yield from _starts(text, values)
    if "%" in text:
        plain, offsets = _unescaped(text)
        yield from ((offsets[start], offsets[end]) for start, end in _places(plain, values))


def _places(text: str, values: Iterable[str]) -> Iterator[tuple[int, int]]:
    for value in values:
        at = text.find(value)
        while at >= 0:
            yield at, at + len(value)
            at = text.find(value, at + len(value))


def _starts(text: str, values: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield the places where other code has cut a value: its beginning is followed by an ellipsis."""
    at = text.find("…")
    for _ in range(_MAX_ELLIPSES):
        if at < MIN_LENGTH:
            return
        for value in values:
            if text[at - MIN_LENGTH : at] in value:
                length = next((n for n in range(_MAX_START, MIN_LENGTH - 1, -1) if text.endswith(value[:n], 0, at)), 0)
                if length:
                    yield at - min(length, len(value)), at
        at = text.find("…", at + 1)


def _unescaped(text: str) -> tuple[str, list[int]]:
    """Return the text with its percent escapes decoded, and the offset of each of its characters, and of its end."""
    plain: list[str] = []
    offsets: list[int] = []
    at = 0
    for found in _ESCAPES.finditer(text):
        plain.append(text[at : found.start()])
        offsets.extend(range(at, found.start()))
        at = found.start()
        for char in bytes.fromhex(found[0].replace("%", "")).decode(errors="surrogateescape"):
            plain.append(char)
            offsets.append(at)
            at += 3 * len(char.encode(errors="surrogateescape"))
    return "".join([*plain, text[at:]]), [*offsets, *range(at, len(text) + 1)]


def _forms(text: str) -> Iterator[str]:
    """Yield a text plainly, in quotes, in JSON, in a form and in base64; `value_spans` decodes percent escapes."""
    for value in _values(text[:_MAX_VALUE]):
        for form in {value, *_quoted(value), value.replace(" ", "+"), in_base64(value)}:
            if len(form) >= MIN_LENGTH and form.strip("*"):
                yield form


def _values(text: str) -> Iterator[str]:
    """Yield the text, its long lines, and the credentials that follow the name of an HTTP authentication scheme."""
    if len(text) < MIN_LENGTH:
        return
    yield text
    if "\n" in text.strip():
        yield from (line.strip() for line in text.splitlines() if len(line.strip()) >= _MIN_LINE)
    scheme, _, credentials = text.partition(" ")
    if scheme.lower() in _SCHEMES and len(credentials.strip()) >= MIN_LENGTH:
        yield credentials.strip()
        if scheme.lower() == "basic":
            yield from _values(_password_of(credentials))


def _quoted(value: str) -> Iterator[str]:
    if value.isascii() and value.isalnum():
        return
    import json  # noqa: PLC0415 (most values need no escapes)

    yield repr(value)[1:-1]
    yield value.encode("unicode_escape").decode()
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield value.replace("\\", "\\\\").replace("'", "\\'")


def in_base64(value: str) -> str:
    """Return a text as base64 without its padding."""
    import base64  # noqa: PLC0415 (only a configuration with secrets needs it)

    return base64.b64encode(value.encode(errors="surrogateescape")).decode().rstrip("=")


def _password_of(credentials: str) -> str:
    import base64  # noqa: PLC0415 (the same)

    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
