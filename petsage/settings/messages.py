"""marshmallow's error messages as lines for the author of a configuration, each with the path that it is about.

A message is recognized by its key in the `error_messages` of the field or schema that wrote it ("required", "null",
"invalid", "type", "unknown"), whatever its text is. A text that is marshmallow's own is replaced by one that says what
is expected and what was found; a text that a feature's schema sets in its place is kept.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from marshmallow import Schema, ValidationError, fields

from petsage.fields import PathText, SecretText
from petsage.redaction import is_secret_name, masked
from petsage.settings.document import ConfigDocument
from petsage.settings.errors import KeyPath, UnusableError, suggest
from petsage.settings.reader import is_text, typed

_SCHEMA_KEY = "_schema"  # the key under which marshmallow reports a mistake of a section as a whole


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


class _Member(NamedTuple):
    """One entry of a mapping; its key and its value have fields of their own."""

    field: fields.Mapping[Any]


Owner = Schema | fields.Field[Any] | _Member | None


class Message(NamedTuple):
    """One of marshmallow's messages: the path that it is about, its text, and the schema or field that wrote it."""

    path: KeyPath
    text: str
    owner: Owner

    @property
    def is_unknown_key(self) -> bool:
        """Return whether it reports a key that the schema does not take."""
        return isinstance(self.owner, Schema) and self.text == self.owner.error_messages["unknown"]

    @property
    def is_secret(self) -> bool:
        """Return whether it is about a value that must not be shown."""
        return isinstance(self.owner, SecretText) or (bool(self.path) and is_secret_name(str(self.path[-1])))

    @property
    def words(self) -> str | None:
        """The line to show instead, where that depends on the key alone."""
        return next((words for cls, key, words in _WORDS if self._is_default(cls, key)), None)

    @property
    def expected(self) -> _Expected | None:
        """What the field takes, where the value has another type."""
        if self._is_type_of_schema():
            return _LIST if isinstance(self.owner, fields.Nested) and _is_many(self.owner) else _MAPPING
        return next((expected for cls, key, expected in _EXPECTED if self._is_default(cls, key)), None)

    def _is_default(self, cls: type[fields.Field[Any]], key: str) -> bool:
        """Return whether the text is the owner's under `key`, and still the one that `cls` has there."""
        if not isinstance(self.owner, cls) or key not in self.owner.error_messages:
            return False
        return self.text == self.owner.error_messages[key] == cls.default_error_messages[key]

    def _is_type_of_schema(self) -> bool:
        schema = self.owner.schema if isinstance(self.owner, fields.Nested) else self.owner
        default = Schema._default_error_messages["type"]  # noqa: SLF001 (a field's are public, a schema's are not)
        return isinstance(schema, Schema) and self.text == schema.error_messages["type"] == default


def _is_many(owner: fields.Nested) -> bool:
    return bool(owner.many or owner.schema.many)


def messages(errors: Any, path: KeyPath, owner: Owner) -> Iterator[Message]:
    """Yield the messages of `ValidationError.messages`, walking along the schema that wrote them."""
    if isinstance(errors, Mapping):
        for key, inner in errors.items():
            below = _below(owner, key)
            if key == _SCHEMA_KEY and isinstance(below, Schema) and inner == [below.error_messages["unknown"]]:
                yield Message((*path, key), inner[0], below)  # the configuration has a key of just this name
            else:
                yield from messages(inner, *_step(path, owner, key))
    elif isinstance(errors, list | tuple):
        for inner in errors:
            yield from messages(inner, path, owner)
    else:
        yield Message(path, str(errors), owner)


def _step(path: KeyPath, owner: Owner, key: Any) -> tuple[KeyPath, Owner]:
    if key == _SCHEMA_KEY:
        return path, owner
    if isinstance(owner, _Member) and key in {"key", "value"}:
        return path, owner.field.key_field if key == "key" else owner.field.value_field
    key = key if isinstance(key, int) else str(key)
    return (*path, key), _below(owner, key)


def _below(owner: Owner, key: str | int) -> Owner:
    if isinstance(owner, fields.Nested):
        return owner.schema if isinstance(key, int) else _below(owner.schema, key)
    if isinstance(owner, Schema):
        return next((field for name, field in owner.load_fields.items() if key == (field.data_key or name)), owner)
    if isinstance(owner, fields.List):
        return owner.inner
    return _Member(owner) if isinstance(owner, fields.Mapping) else None


def line(message: Message, value: Any, also_known: Iterable[str]) -> tuple[str, bool]:
    """Return the line for a message, and whether it may hold the value or a part of it.

    `value` is what the configuration has at the message's path; the line has no more of it than its kind. `also_known`
    are keys that the section may have and its schema does not know.
    """
    if message.is_unknown_key:
        known = known_keys(message.owner) | set(also_known)
        return f"{_unknown_key(message)}{suggest(str(message.path[-1]), known)}", False
    if (expected := message.expected) is not None:
        return f"must be {expected.text}, {_found(expected, value)}", False
    if (words := message.words) is not None:
        return words, False
    return _lowered(message.text), True


def _unknown_key(message: Message) -> str:
    is_default = message.text == Schema._default_error_messages["unknown"]  # noqa: SLF001 (the same)
    return "unknown key" if is_default else _lowered(message.text)


def known_keys(owner: Owner) -> set[str]:
    """Return the keys that a schema takes."""
    found = owner.load_fields if isinstance(owner, Schema) else {}
    return {field.data_key or name for name, field in found.items()}


def _found(expected: _Expected, value: Any) -> str:
    kind = _KINDS.get(type(value), "empty" if value is None else type(value).__name__)
    if expected is _TEXT and isinstance(value, bool | int | float):
        return f"not {kind} (quote it)"
    if isinstance(value, str) and not is_text(value) and _is_quoted(value, expected):
        return f"not {kind} (write it without quotes)"
    return f"not {kind}"


def _is_quoted(text: str, expected: _Expected) -> bool:
    """Return whether a text would be what is expected, were it not for its quotes."""
    try:
        return isinstance(typed(text), expected.types)
    except UnusableError:
        return False


def _lowered(text: str) -> str:
    start = text[:1] if text[1:2].isupper() else text[:1].lower()
    return (start + text[1:]).removesuffix(".")


def mistakes(
    error: ValidationError, path: KeyPath, schema: Schema, also_known: Collection[str], document: ConfigDocument
) -> Iterator[tuple[KeyPath, str]]:
    """Yield the path and the line of each mistake in the section at `path`, without those that are known already.

    `also_known` are keys of the section that its schema does not know.
    """
    for message in messages(error.messages, path, schema):
        if not _is_known(message, document):
            known = also_known if len(message.path) == len(path) + 1 else ()
            text, may_hold_value = line(message, document.at(message.path), known)
            yield message.path, _masked(text, message, document) if may_hold_value else text


def _is_known(message: Message, document: ConfigDocument) -> bool:
    return not message.is_unknown_key and (
        document.is_unusable(message.path) or document.contains_unusable(message.path)
    )


def _masked(text: str, message: Message, document: ConfigDocument) -> str:
    hidden = list(document.filled.values())
    if message.is_secret:
        hidden.append(str(document.at(message.path)))
    return masked(text, also=hidden)
