"""Error texts for the author of a configuration, one for each message of a validation error.

A text of marshmallow's own is replaced by one that says what is expected and what was found. A text that a feature's
schema sets in its place is kept.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from marshmallow import Schema, ValidationError, fields

from petsage.fields import PathText, SecretText
from petsage.redaction import is_secret_name, masked
from petsage.settings.document import ConfigDocument
from petsage.settings.errors import KeyPath, UnusableError, suggest
from petsage.settings.reader import is_text, typed
from petsage.settings.validation import Message, known_keys, messages


class _Expected(NamedTuple):
    """What a field takes, and the Python types of such a value where YAML has it without quotes."""

    text: str
    types: tuple[type, ...] = ()


_MAPPING = _Expected("a mapping")
_LIST = _Expected("a list")
_TEXT = _Expected("a text")

_EXPECTED: tuple[tuple[type[fields.Field[Any]], str, _Expected], ...] = (
    (fields.Integer, "invalid", _Expected("a whole number", (int,))),
    (fields.Number, "invalid", _Expected("a number", (int, float))),
    (fields.Boolean, "invalid", _Expected("true or false", (bool,))),
    (fields.String, "invalid", _TEXT),
    (PathText, "invalid", _TEXT),
    (fields.List, "invalid", _LIST),
    (fields.Mapping, "invalid", _MAPPING),
    (fields.Nested, "type", _LIST),  # it checks only whether there are many; its schema checks the rest
)
_WORDS: tuple[tuple[type[fields.Field[Any]], str, str], ...] = (
    (fields.Field, "required", "is missing"),
    (fields.Field, "null", "must not be empty"),
    (fields.Float, "special", "must be a finite number"),
    (fields.Decimal, "special", "must be a finite number"),
)
_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a mapping",
}


def mistakes(
    error: ValidationError, path: KeyPath, schema: Schema, also_known: Collection[str], document: ConfigDocument
) -> Iterator[tuple[KeyPath, str]]:
    """Yield the path and the line of each mistake in the section at `path`, without those that are known already.

    `also_known` are keys of the section that its schema does not know.
    """
    for message in messages(error.messages, path, schema):
        if not _is_known(message, document):
            known = also_known if len(message.path) == len(path) + 1 else ()
            yield message.path, _line(message, known, document)


def _is_known(message: Message, document: ConfigDocument) -> bool:
    unusable = document.is_unusable(message.path) or document.contains_unusable(message.path)
    return unusable and not message.is_unknown_key


def _line(message: Message, also_known: Iterable[str], document: ConfigDocument) -> str:
    if message.is_unknown_key:
        text = _lowered(message.text) if message.has_own_text else "unknown key"
        return f"{text}{suggest(str(message.path[-1]), known_keys(message.owner) | set(also_known))}"
    if words := next((words for cls, key, words in _WORDS if message.is_default(cls, key)), None):
        return words
    if (expected := _expected(message)) is not None:
        return f"must be {expected.text}, {_found(expected, document.at(message.path))}"
    return _masked(_lowered(message.text), message, document)


def _expected(message: Message) -> _Expected | None:
    """Return what was expected, if the value has another type."""
    owner = message.owner
    if message.is_default_type():
        return _LIST if isinstance(owner, fields.Nested) and (owner.many or owner.schema.many) else _MAPPING
    return next((expected for cls, key, expected in _EXPECTED if message.is_default(cls, key)), None)


def _found(expected: _Expected, value: Any) -> str:
    """Return the kind of a value, and no part of the value itself."""
    kind = _KINDS.get(type(value), "empty" if value is None else type(value).__name__)
    if expected is _TEXT and isinstance(value, bool | int | float):
        return f"not {kind} (quote it)"
    if isinstance(value, str) and not is_text(value) and _is_quoted(value, expected):
        return f"not {kind} (write it without quotes)"
    return f"not {kind}"


def _is_quoted(text: str, expected: _Expected) -> bool:
    """Return whether a text would be of the expected type without its quotes."""
    try:
        return isinstance(typed(text), expected.types)
    except UnusableError:
        return False


def _lowered(text: str) -> str:
    start = text[:1] if text[1:2].isupper() else text[:1].lower()
    return (start + text[1:]).removesuffix(".")


def _masked(text: str, message: Message, document: ConfigDocument) -> str:
    """Mask what may be a value or a part of it: a text of a schema or a validator can repeat the value."""
    hidden = list(document.filled.values())
    if isinstance(message.owner, SecretText) or (message.path and is_secret_name(str(message.path[-1]))):
        hidden.append(str(document.at(message.path)))
    return masked(text, also=hidden)
