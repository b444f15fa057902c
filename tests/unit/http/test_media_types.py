"""Content types: parsing, its cost, and supported codecs."""

import encodings
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from aiohttp import BodyPartReader, web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict
from pytest_aiohttp import AiohttpClient

from petsage.http.media_types import CHARSETS, MAX_LENGTH, read_media_type
from petsage.http.requests import GuardedRequest, limit_request
from tests.support.fuzzing import some
from tests.support.growth import MAX_GROWTH, growth
from tests.support.orders_api import OrderHandlers, app, problem

JSON = "application/json"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("application/json", ("application/json", None)),
        (" Application/JSON ", ("application/json", None)),
        ("application/json;charset=UTF-8", ("application/json", "utf-8")),
        ("application/json \t;\t Charset=UTF8 ", ("application/json", "utf8")),
        ('application/json; charset="utf-8"', ("application/json", "utf-8")),
        (r'application/json; charset="ut\f-8"', ("application/json", "utf-8")),
        ("application/json;;; ;charset=utf-8;", ("application/json", "utf-8")),
        ('text/plain; a="; charset=x"; charset=y', ("text/plain", "y")),
        ("multipart/form-data; boundary=a'b", ("multipart/form-data", None)),
        ("application/json; charset=", None),
        ("application/json; charset", None),
        ("application/json; charset =utf-8", None),
        ('application/json; charset="utf-8', None),
        ("application/json; charset=utf-8; charset=utf-8", None),
        ("application/json;a*=punycode''x", None),
        ("application/json;charset*=utf-8''utf-8", None),
        ("application/json, text/plain", None),
        ("application/json charset=utf-8", None),
        ("application", None),
        ("application/", None),
        ("/json", None),
        ("", None),
        ("application/jsön", None),
        ("application/json;" + "a" * MAX_LENGTH, None),
        ("application/json" + ";" * 8000, None),
    ],
)
def test_a_content_type_is_read_as_the_rfc_has_it(text: str, found: tuple[str, str | None] | None) -> None:
    assert read_media_type(text) == found


@pytest.mark.parametrize(
    "media_type",
    [
        JSON,
        f"{JSON}; charset=utf-8",
        f"{JSON}; charset=UTF-8",
        f'{JSON};charset="Utf-8"',
        f"{JSON}; charset=utf8",
        f'{JSON}; charset="UTF8"',
        f"{JSON}; charset=us-ascii",
        f'{JSON}; charset="US-ASCII"',
        f"{JSON};;",
        f"{JSON}; v=1",
        "application/merge-patch+json; charset=utf-8",
    ],
)
async def test_json_is_utf_8(aiohttp_client: AiohttpClient, media_type: str) -> None:
    client = await aiohttp_client(app(*OrderHandlers().routes()))
    answer = await client.post("/orders", data='{"item": "Käse"}'.encode(), headers={"Content-Type": media_type})
    assert (answer.status, await answer.json()) == (201, {"id": 7, "item": "Käse", "amount": 1})


NOT_UTF_8 = [
    "punycode",
    "idna",
    "hex",
    "klingon",
    "utf-7",
    "utf-16",
    "utf-32",
    "iso-8859-1",
    "ascii",
    "unicode_escape",
    "utf-8-sig",
    "U8",
    "utf_8",
    '""',
    "*",
]
OTHERS = [*(f"{JSON}; charset={name}" for name in NOT_UTF_8), f"{JSON}; charset=utf-8; charset=utf-16"]
MALFORMED = [
    f"{JSON};a*=punycode''x",
    f"{JSON}{';' * 8000}",
    f"{JSON};{'a=b;' * 2000}",
    f'{JSON};a="{"x" * 8000}',
    '"' * 8000,
]


@pytest.mark.parametrize("media_type", [*OTHERS, *MALFORMED], ids=lambda text: text[:40])
@pytest.mark.parametrize("body", [b'{"item": "bone"}', b"\xff" * 300_000], ids=["short", "long"])
async def test_json_in_anything_else_is_415(aiohttp_client: AiohttpClient, media_type: str, body: bytes) -> None:
    client = await aiohttp_client(app(*OrderHandlers().routes()))
    answer = await client.post("/orders", data=body, headers={"Content-Type": media_type})
    well_formed = media_type in OTHERS[:-1]
    detail = "the body must be application/json" + " in UTF-8" * well_formed
    assert answer.headers["Accept"] == JSON
    assert await answer.json(content_type=None) == problem(415, "Unsupported Media Type", detail, "/orders")


async def text(request: web.Request) -> Any:
    return await request.text()


async def post(request: web.Request) -> Any:
    return str(dict(await request.post()))


async def as_json(request: web.Request) -> Any:
    return str(await request.json())


async def parts(request: web.Request) -> Any:
    found = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        found.append(f"{part.name}={await part.text()}")
    return ",".join(found)


def of_part(headers: str, body: bytes = b"x") -> bytes:
    return b"--b\r\n" + headers.encode() + b"\r\n\r\n" + body + b"\r\n--b--\r\n"


def ways(charset: str) -> dict[str, tuple[Any, str, bytes]]:
    """Every way in which aiohttp decodes a body for a handler, by a charset that the client names."""
    named = f'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset={charset}'
    extended = f"Content-Disposition: form-data; name*={charset}''a"
    form = "multipart/form-data; boundary=b"
    return {
        "text": (text, f"text/plain; charset={charset}", b"x" * 300_000),
        "json": (as_json, f"application/json; charset={charset}", b'"x"'),
        "form": (post, f"application/x-www-form-urlencoded; charset={charset}", b"a=x"),
        "part of a form": (post, form, of_part(named, b"x" * 300_000)),
        "name of a part": (post, form, of_part(extended)),
        "part": (parts, form, of_part(named, b"x" * 300_000)),
        "name of a streamed part": (parts, form, of_part(extended)),
    }


@pytest.mark.parametrize("way", ways(""))
async def test_no_client_chooses_a_codec(aiohttp_client: AiohttpClient, way: str) -> None:
    names = ["punycode", "idna", *(f"x-unknown-{number}" for number in range(100))]
    handler = ways("")[way][0]

    async def handle(request: web.Request) -> web.Response:
        return web.Response(text=await handler(request))

    client = await aiohttp_client(app(web.post("/", handle)))
    known = len(encodings._cache)
    statuses = set()
    for name in names:
        _, media_type, body = ways(name)[way]
        statuses.add((await client.post("/", data=body, headers={"Content-Type": media_type})).status)
    assert statuses == ({400} if "name" in way else {415})
    assert len(encodings._cache) == known


async def test_texts_are_read_in_the_charsets_that_are_allowed(aiohttp_client: AiohttpClient) -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    client = await aiohttp_client(app(web.post("/", handle)))
    for name, codec in CHARSETS.items():
        sent = "a" if "ascii" in name else "ä"
        answer = await client.post(
            "/", data=sent.encode(codec), headers={"Content-Type": f"text/plain; charset={name}"}
        )
        assert (answer.status, await answer.text()) == (200, sent)


def guarded(headers: dict[str, str]) -> web.Request:
    request = make_mocked_request("GET", "/", headers=CIMultiDict(headers))
    assert limit_request(request) is False  # there is no body
    assert isinstance(request, GuardedRequest)
    return request


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("text/plain", ("text/plain", None)),
        ('Text/Plain; charset="ISO-8859-1"', ("text/plain", "iso-8859-1")),
        (f"{JSON};a*=punycode''x", ("application/octet-stream", None)),
        ("nonsense", ("application/octet-stream", None)),
    ],
)
def test_a_handler_that_asks_for_the_content_type_gets_ours(text: str, found: tuple[str, str | None]) -> None:
    request = guarded({"Content-Type": text})
    assert (request.content_type, request.charset) == found


def test_no_content_type_is_a_stream_of_bytes() -> None:
    request = guarded({})
    assert (request.content_type, request.charset) == ("application/octet-stream", None)


def quietly(read: Callable[[web.Request], Any]) -> Callable[[web.Request], None]:
    def asked(request: web.Request) -> None:
        with suppress(ValueError, web.HTTPException):
            read(request)

    return asked


READ_BY_HANDLERS: dict[str, tuple[str, Callable[[web.Request], Any]]] = {
    "content_type": ("Content-Type", lambda request: request.content_type),
    "charset": ("Content-Type", lambda request: request.charset),
    "cookies": ("Cookie", lambda request: request.cookies),
    "forwarded": ("Forwarded", lambda request: request.forwarded),
    "if_match": ("If-Match", lambda request: request.if_match),
    "if_none_match": ("If-None-Match", lambda request: request.if_none_match),
    "if_modified_since": ("If-Modified-Since", lambda request: request.if_modified_since),
    "if_unmodified_since": ("If-Unmodified-Since", lambda request: request.if_unmodified_since),
    "if_range": ("If-Range", lambda request: request.if_range),
    "http_range": ("Range", lambda request: request.http_range),
    "url": ("Host", lambda request: request.url),
}
UNITS = [
    ";",
    "a;",
    "a=;",
    " ",
    ",",
    '"',
    "\\",
    '"a',
    "a=",
    'a="',
    "=",
    "a,",
    'W/"',
    '"a",',
    "*",
    "'",
    "a*=",
    "a b ",
    "Wed ",
    "1",
]
STARTS = ["", 'a="', f"{JSON};", "bytes=", "a=Wed", 'for="']
VALUES = some(product(STARTS, UNITS))


@pytest.mark.parametrize("name", READ_BY_HANDLERS)
def test_every_header_that_a_handler_may_ask_for_is_read_in_linear_time(name: str) -> None:
    """The sizes stand around the 8,190 bytes that a header may have."""
    header, read = READ_BY_HANDLERS[name]
    ask = quietly(read)
    for start, unit in VALUES:

        def read_one(size: int, start: str = start, unit: str = unit) -> None:
            ask(guarded({header: (start + unit * size)[:size]}))

        assert growth(read_one, 4000) <= MAX_GROWTH, start + unit
