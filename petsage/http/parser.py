"""Parser of requests: strict JSON bodies (RFC 8259), and webargs for the other places."""

import json
import math
from typing import Any, NoReturn

from aiohttp import hdrs, web
from marshmallow import EXCLUDE, Schema, ValidationError
from webargs.aiohttpparser import AIOHTTPParser

from petsage.http.media_types import MediaType, read_media_type
from petsage.http.problems import ProblemError

_JSON = "application/json"
_UTF_8 = (None, "utf-8", "utf8", "us-ascii")  # RFC 8259, section 8.1; US-ASCII is a subset of UTF-8
_EXACT = 2**53  # below it every whole float is exact


async def read_json(request: web.Request) -> Any:
    """Return the JSON value of the body.

    Raise ValidationError if there is no body, ProblemError 415 for another media type or charset, ProblemError 400 for
    a body that is not JSON, and aiohttp's own 413 for one that is too large. The type is checked before the body is
    read, and messages repeat nothing of the body.
    """
    if request.body_exists:
        _check_type(read_media_type(request.headers.get(hdrs.CONTENT_TYPE, "")))
    raw = await request.read()
    if not raw:
        raise ValidationError({"_schema": ["A body is required."]})
    try:
        return _DECODER.decode(_text(raw))
    except json.JSONDecodeError as error:
        raise _refused(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except ValueError as error:
        raise _refused(str(error)) from error
    except RecursionError as error:
        raise _refused("it is nested too deeply") from error


def _check_type(found: MediaType | None) -> None:
    if found is None or not _is_json(found.name):
        raise ProblemError(415, f"the body must be {_JSON}", headers={"Accept": _JSON})
    if found.charset not in _UTF_8:
        raise ProblemError(415, f"the body must be {_JSON} in UTF-8", headers={"Accept": _JSON})


def _is_json(media_type: str) -> bool:
    return media_type == _JSON or (media_type.startswith("application/") and media_type.endswith("+json"))


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"the bytes at offset {error.start} are not {error.encoding}") from error


def _refused(why: str) -> ProblemError:
    return ProblemError(400, f"the body is not JSON: {why}", errors={"body": {"_schema": [f"Not JSON: {why}."]}})


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


class Parser(AIOHTTPParser):
    """Parser of the places `body`, `query`, `path` and `headers`.

    Unknown members are ignored, but for those of a body, where the schema decides.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {"body": None, "query": EXCLUDE, "path": EXCLUDE, "headers": EXCLUDE}  # noqa: RUF012 (webargs' own attribute)
    __location_map__ = {  # noqa: RUF012 (webargs' own attribute)
        "body": "load_body",
        "query": "load_querystring",
        "path": "load_match_info",
        "headers": "load_headers",
    }

    async def load_body(self, request: web.Request, schema: Schema) -> Any:  # noqa: ARG002 (webargs' signature)
        """Return the JSON value of the body."""
        return await read_json(request)

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Raise the error unchanged, with its messages by place."""
        raise error
