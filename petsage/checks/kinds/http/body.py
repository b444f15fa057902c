"""What is expected of an answer's body."""

import json
from collections.abc import Mapping

from petsage.checks.kinds._text import one_line
from petsage.checks.model import CheckFailed

LARGEST = 1 << 20  # bytes of a body that are read


class _NothingThereError(Exception):
    pass


def contains(body: bytes, text: str) -> None:
    """Fail unless the body has the text somewhere."""
    if text.encode() not in body:
        raise CheckFailed(f"the answer does not contain {one_line(text, 60)!r}")


def has_members(body: bytes, members: Mapping[str, object]) -> None:
    """Fail unless the body is JSON with these values at these paths, such as `checks.0.status`."""
    if len(body) > LARGEST:
        raise CheckFailed("the answer is longer than 1 MiB")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise CheckFailed("the answer is not JSON") from None
    for path, value in members.items():
        _expect(document, path, value)


def _expect(document: object, path: str, value: object) -> None:
    try:
        found = _member(document, path)
    except _NothingThereError:
        raise CheckFailed(f"the answer has no {path}") from None
    if found != value or isinstance(found, bool) != isinstance(value, bool):
        shown, wanted = (one_line(json.dumps(each, default=str), 60) for each in (found, value))
        raise CheckFailed(f"{path} is {shown}, not {wanted}")


def _member(document: object, path: str) -> object:
    for step in path.split("."):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            raise _NothingThereError
    return document
