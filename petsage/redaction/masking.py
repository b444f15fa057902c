"""Masking of secrets in texts and values, for log lines, reasons, messages about mistakes and `config show`.

A text is masked by value, where it has the value of a `Secret` that exists (`known_secrets`), and by form (`patterns`).
Every function cuts first, and its cost grows at most in proportion to the length of the text.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from petsage.redaction.known_secrets import KNOWN, MIN_LENGTH, value_spans
from petsage.redaction.patterns import is_secret_name, pattern_spans
from petsage.redaction.secret import MASK, Secret
from petsage.text import cut, printable

MAX_REASON = 500
"""The length at which a public reason is cut, in characters."""

MAX_TEXT = 8192
"""Characters at which a text is cut before it is masked, unless the caller names another limit."""

_MARGIN = 1024  # of a text that is cut, so many characters before the cut are dropped: they may be part of a secret


def masked(text: str, most: int = MAX_TEXT, also: Iterable[str] = ()) -> str:
    """Return `text` cut at `most` characters, with its secrets masked; `also` are further values that are secret."""
    values = _known(also)
    margin = max(_MARGIN, len(values[0]) if values else 0)
    if len(text) <= most + margin:
        return cut(_masked(text, values), most)
    shown = _masked(text[: most + margin], values)[:-margin]
    return f"{shown[: most - 1]}…"


def masked_line(text: str, most: int) -> str:
    """Return `text` as one printable line with its secrets masked, cut at `most` characters."""
    return printable(masked(text, most), most)


def public_text(text: str) -> str | None:
    """Return a text as a public reason: one line of at most `MAX_REASON` characters, masked; None if it is blank."""
    line = " ".join(masked(cut(text, 10 * MAX_REASON)).split())
    return printable(line, MAX_REASON) or None


def masked_ends(text: str, most: int) -> str:
    """Return a text with its secrets masked; of one longer than `most` characters only the beginning and the end."""
    if len(text) <= most:
        return masked(text, most)
    values = _known(())
    margin = max(_MARGIN, len(values[0]) if values else 0)
    end = _masked(text[-(most // 2 + margin) :], values)[margin:]
    return f"{masked(text, most // 2)}\n{end[-(most // 2) :]}"


def masked_value(value: Any, secrets: Collection[tuple[str | int, ...]] = (), path: tuple[str | int, ...] = ()) -> Any:
    """Return a copy of plain values with the secret ones masked: by the names of their keys, by form, by known value.

    `secrets` are the paths of further values that are secret, `path` is the path of `value` itself.
    """
    if isinstance(value, dict):
        return {str(key): masked_value(member, secrets, (*path, str(key))) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(member, secrets, (*path, index)) for index, member in enumerate(value)]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Secret) or path in secrets or any(is_secret_name(str(key)) for key in path[1:]):
        return MASK
    return value if type(value) in {int, float} else masked(str(value))


def _known(also: Iterable[str]) -> tuple[str, ...]:
    extra = [value for value in also if len(value) >= MIN_LENGTH]
    return tuple(sorted({*KNOWN.values(), *extra}, key=len, reverse=True)) if extra else KNOWN.values()


def _masked(text: str, values: Collection[str]) -> str:
    spans = [*value_spans(text, values), *pattern_spans(text)]
    if not spans:
        return text
    shown, at = [], 0
    for start, end in _joined(spans):
        shown += [text[at:start], MASK]
        at = end
    return "".join([*shown, text[at:]])


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans in order; those that overlap or touch are joined."""
    start, end = -1, -1
    for first, last in sorted(spans):
        if first > end:
            if end >= 0:
                yield start, end
            start, end = first, last
        else:
            end = max(end, last)
    yield start, end
