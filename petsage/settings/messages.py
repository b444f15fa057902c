"""marshmallow's messages as lines for a person: each at its path, in the house's words."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from marshmallow import Schema, ValidationError, fields

from petsage.fields import SecretText
from petsage.redaction import is_secret_name, masked
from petsage.settings.document import ConfigDocument
from petsage.settings.errors import KeyPath, UnusableError, suggest
from petsage.settings.scalars import is_text, typed

_UNKNOWN = "Unknown field."
_WHOLE = "_schema"  # where marshmallow puts what is wrong with a section as a whole
_WORDS = {
    "Missing data for required field.": "is missing",
    "Field may not be null.": "must not be empty",
    "Special numeric values (nan or infinity) are not permitted.": "must be a finite number",
}
_TYPES = {
    "Invalid input type.": "must be a mapping",
    "Invalid type.": "must be a mapping",
    "Not a valid mapping type.": "must be a mapping",
    "Not a valid list.": "must be a list",
    "Not a valid string.": "must be a text",
    "Not a valid integer.": "must be a whole number",
    "Not a valid number.": "must be a number",
    "Not a valid boolean.": "must be true or false",
}
_WRITTEN: dict[str, tuple[type, ...]] = {
    "must be a whole number": (int,),
    "must be a number": (int, float),
    "must be true or false": (bool,),
}
_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a mapping",
}


class _Member(NamedTuple):
    field: fields.Mapping[Any]


Owner = Schema | fields.Field[Any] | _Member | None


class Message(NamedTuple):
    """One of marshmallow's messages, where it belongs, and the schema or field that wrote it."""

    path: KeyPath
    text: str
    owner: Owner

    @property
    def is_unknown(self) -> bool:
        """Say whether it tells of an unknown key."""
        return self.text == _UNKNOWN

    @property
    def is_shared_key(self) -> bool:
        """Say whether it is a message that never holds a value."""
        return self.is_unknown or self.text in _WORDS or self.text in _TYPES

    @property
    def is_secret(self) -> bool:
        """Say whether it is about a value that must not be shown."""
        return isinstance(self.owner, SecretText) or (bool(self.path) and is_secret_name(str(self.path[-1])))


def messages(errors: Any, path: KeyPath, owner: Owner) -> Iterator[Message]:
    """Walk `ValidationError.messages` along the schema that made them."""
    if isinstance(errors, Mapping):
        for key, inner in errors.items():
            if key == _WHOLE and inner == [_UNKNOWN]:  # a key of just this name was written
                yield Message((*path, key), _UNKNOWN, _below(owner, key))
            else:
                yield from messages(inner, *_step(path, owner, key))
    elif isinstance(errors, list | tuple):
        for inner in errors:
            yield from messages(inner, path, owner)
    else:
        yield Message(path, str(errors), owner)


def _step(path: KeyPath, owner: Owner, key: Any) -> tuple[KeyPath, Owner]:
    if key == _WHOLE:
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


def worded(message: Message, value: Any, also_known: Iterable[str]) -> str:
    """Write one message; `value` is what stood at its path, of which no more than the kind is told."""
    if message.is_unknown:
        known = known_keys(message.owner) | set(also_known)
        return f"unknown key{suggest(str(message.path[-1]), known)}"
    if message.text in _TYPES:
        return f"{_TYPES[message.text]}, {_but(_TYPES[message.text], value)}"
    return _WORDS.get(message.text) or _lowered(message.text)


def known_keys(owner: Owner) -> set[str]:
    """Return the keys that a schema takes."""
    found = owner.load_fields if isinstance(owner, Schema) else {}
    return {field.data_key or name for name, field in found.items()}


def _but(wanted: str, value: Any) -> str:
    kind = _KINDS.get(type(value), "empty" if value is None else type(value).__name__)
    if wanted == "must be a text" and isinstance(value, bool | int | float):
        return f"not {kind} (quote it)"
    if isinstance(value, str) and not is_text(value) and _means(value, wanted):
        return f"not {kind} (write it without quotes)"
    return f"not {kind}"


def _means(text: str, wanted: str) -> bool:
    try:
        value = typed(text)
    except UnusableError:
        return False
    return isinstance(value, _WRITTEN.get(wanted, ()))


def _lowered(text: str) -> str:
    start = text[:1] if text[1:2].isupper() else text[:1].lower()
    return (start + text[1:]).removesuffix(".")


def mistakes(
    error: ValidationError, path: KeyPath, schema: Schema, also_known: Collection[str], content: ConfigDocument
) -> Iterator[tuple[KeyPath, str]]:
    """Yield the path and the text of each; `also_known` are keys of the section that its schema does not know."""
    for message in messages(error.messages, path, schema):
        if not _is_known(message, content):
            known = also_known if len(message.path) == len(path) + 1 else ()
            text = worded(message, content.at(message.path), known)
            yield message.path, text if message.is_shared_key else _redacted(text, message, content)


def _is_known(message: Message, content: ConfigDocument) -> bool:
    return not message.is_unknown and (content.is_broken(message.path) or content.holds_broken(message.path))


def _redacted(text: str, message: Message, content: ConfigDocument) -> str:
    hidden = list(content.filled.values())
    if message.is_secret:
        hidden.append(str(content.at(message.path)))
    return masked(text, also=hidden)
