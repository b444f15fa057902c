"""What must not be shown: values under secret names, of mounted files, of secret fields, and passwords in URLs."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from petsage.secret import MASK, Secret
from petsage.settings.problem import KeyPath

_SECRET_NAME = re.compile("token|passw|pwd|secret|key|dsn|credential", re.IGNORECASE)
_USERINFO = re.compile(r"(://[^:/?#\s]*:)\S+@")
_QUERY = re.compile(rf"([?&;][^=&\s]*(?:{_SECRET_NAME.pattern})[^=&\s]*=)[^&;#\s]+", re.IGNORECASE)
_TELLING = 4


def is_secret_name(name: str) -> bool:
    """Say whether a key's name says that its value is secret."""
    return _SECRET_NAME.search(name) is not None


def redacted(text: str, hidden: Iterable[str]) -> str:
    """Mask what must not be shown in a message; words of under 4 characters stay, or nothing would be readable."""
    for word in sorted(hidden, key=len, reverse=True):
        if len(word) >= _TELLING:
            text = text.replace(word, MASK)
    return _without_passwords(text)


def masked(value: Any, secrets: Collection[KeyPath] = (), path: KeyPath = ()) -> Any:
    """Return a copy of plain YAML values in which secret ones, those at the paths `secrets` among them, are masks."""
    if isinstance(value, dict):
        return {str(key): masked(member, secrets, (*path, str(key))) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [masked(member, secrets, (*path, index)) for index, member in enumerate(value)]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Secret) or path in secrets or any(is_secret_name(str(key)) for key in path[1:]):
        return MASK
    return value if type(value) in {int, float} else _without_passwords(str(value))


def _without_passwords(text: str) -> str:
    return _QUERY.sub(rf"\1{MASK}", _USERINFO.sub(rf"\1{MASK}@", text))
