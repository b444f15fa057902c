"""From a schema's error to mistakes, less those that are known already, and with no value that must not be shown."""

from collections.abc import Collection, Iterator

from marshmallow import Schema, ValidationError

from petsage.redaction import masked
from petsage.settings.document import Content
from petsage.settings.errors import KeyPath
from petsage.settings.messages import Message, messages, worded


def mistakes(
    error: ValidationError, path: KeyPath, schema: Schema, also_known: Collection[str], content: Content
) -> Iterator[tuple[KeyPath, str]]:
    """Yield the path and the text of each; `also_known` are keys of the section that its schema does not know."""
    for message in messages(error.messages, path, schema):
        if not _is_known(message, content):
            known = also_known if len(message.path) == len(path) + 1 else ()
            text = worded(message, content.at(message.path), known)
            yield message.path, text if message.is_house_word else _redacted(text, message, content)


def _is_known(message: Message, content: Content) -> bool:
    return not message.is_unknown and (content.is_broken(message.path) or content.holds_broken(message.path))


def _redacted(text: str, message: Message, content: Content) -> str:
    hidden = list(content.filled.values())
    if message.is_secret:
        hidden.append(str(content.at(message.path)))
    return masked(text, also=hidden)
