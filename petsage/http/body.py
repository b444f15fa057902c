"""A request's body, read as JSON (RFC 8259) and nothing looser."""

import json
import math
from typing import Any, NoReturn

from aiohttp import web
from marshmallow import ValidationError

from petsage.http.problems import ProblemRaised

_JSON = "application/json"
_EXACT = 2**53  # below it every whole float is exact


async def read_json(request: web.Request) -> Any:
    """Return the JSON value of the body.

    Raises ValidationError when there is no body, ProblemRaised 415 for another media type, ProblemRaised 400 for what
    is not JSON, and aiohttp's own 413 for one that is too large. Nothing of the body is repeated in a message.
    """
    raw = await request.read()
    if not raw:
        raise ValidationError({"_schema": ["A body is required."]})
    if not _is_json(request.content_type):
        raise ProblemRaised(415, f"the body must be {_JSON}", headers={"Accept": _JSON})
    try:
        return _DECODER.decode(_text(raw, request))
    except json.JSONDecodeError as error:
        raise _refused(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except ValueError as error:
        raise _refused(str(error)) from error
    except RecursionError as error:
        raise _refused("it is nested too deeply") from error


def _is_json(media_type: str) -> bool:
    return media_type == _JSON or (media_type.startswith("application/") and media_type.endswith("+json"))


def _text(raw: bytes, request: web.Request) -> str:
    charset = request.charset or "utf-8"
    try:
        return raw.decode(charset)
    except UnicodeDecodeError as error:
        raise ValueError(f"the bytes at offset {error.start} are not {error.encoding}") from error
    except (LookupError, ValueError) as error:
        raise ValueError("its charset is unknown") from error


def _refused(why: str) -> ProblemRaised:
    return ProblemRaised(400, f"the body is not JSON: {why}", errors={"body": {"_schema": [f"Not JSON: {why}."]}})


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _float(digits: str) -> float:
    # 2.0 is an integer, as JSON Schema 2020-12 has it (core, section 4.2.3)
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _int(digits: str) -> int:
    try:
        return int(digits)
    except ValueError as error:
        raise ValueError("a number has too many digits") from error


_DECODER = json.JSONDecoder(parse_constant=_constant, parse_float=_float, parse_int=_int)
