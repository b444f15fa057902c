"""What a plain YAML scalar means: the core schema of YAML 1.2.2, section 10.3.2."""

import re

from petsage.settings.errors import UnusableError

MAX_NUMBER_LENGTH = 64

Scalar = bool | int | float | str | None

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_UNUSABLE = re.compile("[\0\ud800-\udfff]")


def typed(text: str) -> Scalar:
    """Return the value of a plain scalar; `yes`, `on`, dates and `1:30` are texts. Raise `UnusableError`."""
    if text in _WORDS:
        return _WORDS[text]
    if _ENDLESS.fullmatch(text):
        return float(text.replace(".", ""))
    if is_text(text):
        return usable(text)
    if len(text) > MAX_NUMBER_LENGTH:
        raise UnusableError(f"a number of {len(text)} characters (quote it if it is a text)")
    return _number(text)


def _number(text: str) -> int | float:
    if _BASED.fullmatch(text):
        return int(text, 0)
    return int(text) if _WHOLE.fullmatch(text) else float(text)


def is_text(text: str) -> bool:
    """Say whether a plain scalar is a text, and not nothing, a boolean or a number."""
    return text not in _WORDS and not any(form.fullmatch(text) for form in (_ENDLESS, _WHOLE, _BASED, _FLOAT))


def usable(text: str) -> str:
    """Return a text that can be handed to system calls and logs; raises `UnusableError`."""
    if found := _UNUSABLE.search(text):
        raise UnusableError(f"character U+{ord(found[0]):04X} is not allowed")
    return text
