"""`reuse`: no response is sent twice unless its author promises that it may be."""

import itertools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from aiohttp import web
from marshmallow import Schema, fields, post_dump, pre_dump
from pytest_aiohttp.plugin import AiohttpClient

from petsage.app import attach, create_app
from petsage.bootstrap import Loaded
from petsage.core.container import Core
from petsage.feature import Contribution
from petsage.http import Reply, operation
from petsage.runtime.loader import Feature
from petsage.testing import feature_app
from tests.support.orders_api import app as plain_app
from tests.support.project import Project

WHO: ContextVar[str] = ContextVar("who")
GREETINGS = {"de": "Guten Tag", "en": "Good day"}


def greeting(*_: Any) -> str:
    return GREETINGS[WHO.get()]


@dataclass(frozen=True)
class Record:
    name: str = "Ada"


class NamedRecord(NamedTuple):
    name: str = "Ada"


@dataclass(frozen=True)
class Computing:
    @property
    def text(self) -> str:
        return greeting()


class Box:
    """Hashable, as every object is that says nothing else, and changeable."""

    text = ""


@dataclass(frozen=True)
class Holding:
    box: Box = field(default_factory=Box)

    @property
    def text(self) -> str:
        return self.box.text


@dataclass(frozen=True)
class Listing:
    texts: list[str]


@dataclass
class Changeable:
    text: str = ""


class OfFunction(Schema):
    text = fields.Function(greeting)


class OfMethod(Schema):
    text = fields.Method("greet")

    def greet(self, _: Any) -> str:
        return greeting()


class OfText(Schema):
    text = fields.String()


class OfTexts(Schema):
    texts = fields.List(fields.String())


class BeforeDump(OfText):
    @pre_dump
    def greet(self, _: Any, **__: Any) -> dict[str, str]:
        return {"text": greeting()}


class AfterDump(Schema):
    text = fields.String()

    @post_dump
    def greet(self, _: Any, **__: Any) -> dict[str, str]:
        return {"text": greeting()}


class ByAttribute(OfText):
    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return greeting()


class ByDump(OfText):
    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        return {"text": greeting()}


class Greeting(fields.Field[str]):
    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:
        return greeting()


class OfField(Schema):
    text = Greeting(attribute="name")


class Counted(Schema):
    """Has a state of its own, which moves on with each dump."""

    text = fields.Method("count")
    languages: Iterator[str]

    def count(self, _: Any) -> str:
        return GREETINGS[next(self.languages)]


def counted() -> Schema:
    schema = Counted()
    schema.languages = itertools.cycle(["de", "en"])
    return schema


class Inside(Schema):
    text = fields.String(attribute="name")

    @post_dump
    def greet(self, _: Any, **__: Any) -> dict[str, str]:
        return {"text": greeting()}


@dataclass(frozen=True)
class Outer:
    inner: Record = Record()


class Outside(Schema):
    inner = fields.Nested(Inside)

    @post_dump
    def lift(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"text": data["inner"]["text"]}

    text = fields.String()


def nothing(_: Any) -> None:
    """Leave an object as it is."""


def fill_box(holding: Holding) -> None:
    holding.box.text = greeting()


def fill_text(record: Changeable) -> None:
    record.text = greeting()


WAYS: dict[str, tuple[Callable[[], Schema], Any, Callable[[Any], None]]] = {
    "a Function": (OfFunction, Record(), nothing),
    "a Function of a NamedTuple": (OfFunction, NamedRecord(), nothing),
    "a Method": (OfMethod, Record(), nothing),
    "a pre_dump hook": (BeforeDump, Record(), nothing),
    "a post_dump hook": (AfterDump, Record(), nothing),
    "a hook of a nested schema": (Outside, Outer(), nothing),
    "get_attribute": (ByAttribute, Record(), nothing),
    "an own dump": (ByDump, Record(), nothing),
    "a field of its own": (OfField, Record(), nothing),
    "a state of the schema": (counted, Record(), nothing),
    "a property that computes": (OfText, Computing(), nothing),
    "a member that changes": (OfText, Holding(), fill_box),
    "an object that changes": (OfText, Changeable(), fill_text),
}


RECORD = Record()
HOLDING = Holding()


def route(schema: Schema, document: Any, change: Callable[[Any], None]) -> web.RouteDef:
    """A route that gives the same object to everybody, in the language of each."""

    @operation(summary="Greet", responses={200: schema})
    async def greet(request: web.Request) -> Any:
        WHO.set(request.headers["Accept-Language"])
        change(document)
        return document

    return web.get("/greeting", greet)


async def greeted(client: Any) -> list[Any]:
    """What users of three turns get, one after the other and each by a connection of its own."""
    answers = [await client.get("/greeting", headers={"Accept-Language": who}) for who in ("de", "en", "de")]
    return [(await answer.json())["text"] for answer in answers]


@pytest.mark.parametrize("way", WAYS)
async def test_no_client_gets_the_response_of_another(aiohttp_client: AiohttpClient, way: str) -> None:
    make, document, change = WAYS[way]
    client = await aiohttp_client(plain_app(route(make(), document, change)))
    assert await greeted(client) == ["Guten Tag", "Good day", "Guten Tag"]


def feature(way: str) -> Feature:
    make, document, change = WAYS[way]

    def setup(core: Core) -> Contribution:
        return Contribution(routes=[route(make(), document, change)])

    return Feature("greeting", "here", setup=setup)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("attached", [False, True])
async def test_no_client_gets_the_response_of_another_from_a_served_or_attached_feature(
    aiohttp_client: AiohttpClient, project: Project, way: str, *, attached: bool
) -> None:
    loaded = Loaded(project.load().core, (feature(way),))
    app = web.Application() if attached else create_app(loaded)
    if attached:
        attach(app, loaded)
    assert await greeted(await aiohttp_client(app)) == ["Guten Tag", "Good day", "Guten Tag"]


async def test_time_is_that_of_each_answer(aiohttp_client: AiohttpClient) -> None:
    clock = itertools.count(1)

    class Clock(Schema):
        text = fields.Function(lambda _: next(clock))

    client = await aiohttp_client(plain_app(route(Clock(), Record(), nothing)))
    assert await greeted(client) == [1, 2, 3]


async def test_headers_are_those_of_each_answer(aiohttp_client: AiohttpClient) -> None:
    @operation(summary="Greet", responses={200: OfText()}, reuse=True)
    async def greet(request: web.Request) -> Reply:
        return Reply(HOLDING, headers={"Content-Language": request.headers["Accept-Language"]})

    client = await aiohttp_client(plain_app(web.get("/greeting", greet)))
    answers = [await client.get("/greeting", headers={"Accept-Language": who}) for who in ("de", "en")]
    assert [answer.headers["Content-Language"] for answer in answers] == ["de", "en"]


async def test_each_error_document_is_dumped_anew_too(aiohttp_client: AiohttpClient) -> None:
    @operation(summary="Greet", responses={200: OfText(), 503: OfFunction()})
    async def greet(request: web.Request) -> Reply:
        WHO.set(request.headers["Accept-Language"])
        return Reply(RECORD, status=503)

    assert await greeted(await aiohttp_client(plain_app(web.get("/greeting", greet)))) == [
        "Guten Tag",
        "Good day",
        "Guten Tag",
    ]


@pytest.mark.parametrize("document", [Listing(["a"]), Changeable("a")])
async def test_an_object_that_can_change_is_dumped_anew_whatever_its_author_says(
    aiohttp_client: AiohttpClient, document: Listing | Changeable
) -> None:
    letters = iter("abc")

    @operation(summary="List", responses={200: OfTexts() if isinstance(document, Listing) else OfText()}, reuse=True)
    async def show(request: web.Request) -> Any:
        if isinstance(document, Listing):
            document.texts[:] = next(letters)
        else:
            document.text = next(letters)
        return document

    client = await aiohttp_client(plain_app(web.get("/", show)))
    answers = [await (await client.get("/")).json() for _ in range(3)]
    assert [next(iter(answer.values())) for answer in answers] in (["a", "b", "c"], [["a"], ["b"], ["c"]])


async def test_with_reuse_the_author_gets_what_was_said(aiohttp_client: AiohttpClient) -> None:
    @operation(summary="Greet", responses={200: OfFunction()}, reuse=True)
    async def greet(request: web.Request) -> Record:
        WHO.set(request.headers["Accept-Language"])
        return RECORD

    client = await aiohttp_client(feature_app(Contribution(routes=[web.get("/greeting", greet)])))
    assert await greeted(client) == ["Guten Tag"] * 3
