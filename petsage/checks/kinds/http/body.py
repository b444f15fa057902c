"""Expectations of a response's body."""

import json
from collections.abc import Mapping

from petsage import PetSageError
from petsage.checks.kinds.http.client import MAX_BODY
from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.texts import MAX_TEXT, Masker
from petsage.text import first_line

_MAX_SHOWN = 60  # characters of a value in a reason


class _MissingMemberError(PetSageError):
    """The document has no value at a path."""


def require_text(body: bytes, text: str) -> None:
    """Raise `CheckFailed` unless the body contains the text."""
    if text.encode() not in body:
        raise CheckFailed(f"the answer does not contain {first_line(text, 60)!r}", code=Code.CONTENT)


def require_members(body: bytes, members: Mapping[str, object], masker: Masker) -> None:
    """Raise `CheckFailed` unless the body is JSON with these values at these paths, such as `checks.0.status`.

    The reason shows the value that was found, masked, since the answer may repeat the request.
    """
    if len(body) > MAX_BODY:
        raise CheckFailed("the answer is longer than 1 MiB", code=Code.CONTENT)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise CheckFailed("the answer is not JSON", code=Code.CONTENT) from None
    for path, value in members.items():
        _require_member(document, path, value, masker)


def _require_member(document: object, path: str, value: object, masker: Masker) -> None:
    try:
        found = _member(document, path)
    except _MissingMemberError:
        raise CheckFailed(f"the answer has no {path}", code=Code.CONTENT) from None
    if found != value or isinstance(found, bool) != isinstance(value, bool):
        shown, wanted = masker.first_line(_json(found), _MAX_SHOWN), first_line(_json(value), _MAX_SHOWN)
        raise CheckFailed(f"{path} is {shown}, not {wanted}", code=Code.CONTENT)


def _json(value: object) -> str:
    """Return the beginning of a value as JSON, however large it is."""
    text = ""
    # not the encoder of `petsage.http`, which checks do not import: this one writes piece by piece, and writes a date
    # of config.yml as its text
    for piece in json.JSONEncoder(default=str).iterencode(value):
        text += piece[:MAX_TEXT]
        if len(text) > MAX_TEXT:
            break
    return text


def _member(document: object, path: str) -> object:
    for step in path.split("."):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            raise _MissingMemberError
    return document
