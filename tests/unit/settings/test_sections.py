"""Sections of other owners: their schemas' mistakes, told as exactly as the house's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from petsage.fields import Duration, SecretText, Size
from petsage.settings import ConfigDraft, ConfigError, read, suggest

Write = Callable[[str | bytes], Path]
UNSET = "variable NOBODY_SET_THIS is not set (set it, or give a default: ${NOBODY_SET_THIS:-default})"
HOUSE = frozenset({"enabled", "required"})


class PlaceSchema(Schema):
    city = fields.String(required=True)
    zip_code = fields.Integer(strict=True, data_key="zip")


class OrdersSchema(Schema):
    limit = fields.Integer(strict=True, validate=validate.Range(1, 10))
    ratio = fields.Float()
    name = fields.String(validate=validate.Length(max=3))
    kind = fields.String(validate=validate.OneOf(["big", "small"]))
    url = fields.Url()
    place = fields.Nested(PlaceSchema)
    places = fields.List(fields.Nested(PlaceSchema))
    stops = fields.Nested(PlaceSchema, many=True)
    prices = fields.Dict(keys=fields.String(validate=validate.Length(max=3)), values=fields.Integer(strict=True))
    words = fields.List(fields.String())
    flag = fields.Boolean()
    wait = Duration()
    size = Size()
    token = SecretText(validate=validate.Equal("right", error="must not be {input}"))
    echo = fields.String(validate=validate.Equal("right", error="Never say {input}."))
    anything = fields.Raw()


def told(draft: ConfigDraft) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        draft.finish()
    return str(caught.value).split("\n")


MISTAKES: dict[str, list[str]] = {
    "limt: 5": ["limt: unknown key (did you mean 'limit'?)"],
    "enabld: true": ["enabld: unknown key (did you mean 'enabled'?)"],
    "limit: '5'": ["limit: must be a whole number, not a text (write it without quotes)"],
    "limit: 50": ["limit: must be greater than or equal to 1 and less than or equal to 10"],
    "ratio: .nan": ["ratio: must be a finite number"],
    "ratio: x": ["ratio: must be a number, not a text"],
    "ratio: {}": ["ratio: must be a number, not a mapping"],
    "name: 1.10": ["name: must be a text, not a number (quote it)"],
    "name: null": ["name: must not be empty"],
    "name: long": ["name: longer than maximum length 3"],
    "kind: huge": ["kind: must be one of: big, small"],
    "url: nowhere": ["url: not a valid URL"],
    "flag: perhaps": ["flag: must be true or false, not a text"],
    "wait: 5": ["wait: not a duration (write it like 250ms, 10s or 1m30s)"],
    "size: big": ["size: not a size (write it like 64KiB, 1MiB or 5GB)"],
    "place: here": ["place: must be a mapping, not a text"],
    "place: {zip: x}": ["place.city: is missing", "place.zip: must be a whole number, not a text"],
    "place: {city: a, zap: 1}": ["place.zap: unknown key (did you mean 'zip'?)"],
    "places: {}": ["places: must be a list, not a mapping"],
    "places: [{city: a}, {city: 5}, 7]": [
        "places[1].city: must be a text, not a whole number (quote it)",
        "places[2]: must be a mapping, not a whole number",
    ],
    "stops: [{city: a}, {citi: b}]": ["stops[1].city: is missing", "stops[1].citi: unknown key (did you mean 'city'?)"],
    "prices: {a: x, abcd: 5}": [
        "prices.a: must be a whole number, not a text",
        "prices.abcd: longer than maximum length 3",
    ],
    "words: [a, [b]]": ["words[1]: must be a text, not a list"],
    "token: wrong-one": ["token: must not be ********"],
    "echo: anything": ["echo: never say anything"],
    'echo: "${SECRET}"': ["echo: never say ********"],
    "anything: !x 5": ["anything: tags (words starting with '!') are not supported"],
}


@pytest.mark.parametrize("written", MISTAKES)
def test_a_mistake_is_reported_at_its_path(write: Write, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    draft = read(write(f"features:\n  orders:\n    enabled: true\n    {written}\n"))
    assert draft.load(("features", "orders"), OrdersSchema(), without=HOUSE) is None
    lines = [line.split(": ", 1) for line in told(draft)]
    assert [text for _, text in lines] == [f"features.orders.{line}" for line in MISTAKES[written]]
    assert all(place.startswith("config.yml:4:") for place, _ in lines)


def test_places_are_those_of_keys_and_entries_however_deep(write: Write) -> None:
    source = write(
        "checks:\n  db:\n    places:\n      - city: a\n      - city: b\n        zip: c\n"
        "    words:\n      -  d\n      -  5\n"
    )
    draft = read(source)
    assert draft.load(("checks", "db"), OrdersSchema()) is None
    assert told(draft) == [
        "config.yml:6:9: checks.db.places[1].zip: must be a whole number, not a text",
        "config.yml:9:10: checks.db.words[1]: must be a text, not a whole number (quote it)",
    ]


def test_a_missing_key_is_reported_at_its_section(write: Write) -> None:
    draft = read(write("log: {}\nfeatures:\n  a: {}\n"))
    for name in ("a", "b"):
        assert draft.load(("features", name), PlaceSchema()) is None
    assert draft.load(("checks", "c"), PlaceSchema()) is None
    assert told(draft) == [
        "config.yml: checks.c.city: is missing",
        "config.yml:2:1: features.b.city: is missing",
        "config.yml:3:3: features.a.city: is missing",
    ]


def test_a_section_that_is_not_a_mapping_is_reported_once(write: Write) -> None:
    draft = read(write("features: {a: 5}\nchecks: 7"))
    assert draft.load(("features", "a"), PlaceSchema()) is None
    assert draft.load(("checks", "b"), PlaceSchema()) is None
    assert told(draft) == [
        "config.yml:1:12: features.a: must be a mapping, not a whole number",
        "config.yml:2:1: checks: must be a mapping, not a whole number",
    ]


def test_a_value_known_to_be_wrong_is_reported_once(write: Write) -> None:
    class PairSchema(Schema):
        limit = fields.Integer(strict=True, required=True)
        other = fields.Integer(strict=True)
        free = fields.Raw()

        @validates_schema(skip_on_field_errors=False)
        def never(self, data: Any, **kwargs: Any) -> None:
            raise ValidationError("limit and other do not fit")

    draft = read(write("features:\n  a: {limit: $NOBODY_SET_THIS, other: x}\n  b: {free: $}\n"))
    assert draft.load(("features", "a"), PairSchema()) is None
    assert draft.load(("features", "b"), Schema.from_dict({"free": fields.Raw()})()) is None
    syntax = "write ${NAME}, ${NAME:-default} or ${file:PATH}, and $$ for a dollar sign"
    assert told(draft) == [
        f"config.yml:2:7: features.a.limit: {UNSET}",
        "config.yml:2:32: features.a.other: must be a whole number, not a text",
        f"config.yml:3:7: features.b.free: a single '$' ({syntax})",
    ]


def test_a_mistake_of_a_whole_section_is_reported_at_the_section(write: Write) -> None:
    class BothSchema(Schema):
        a = fields.Integer()

        @validates_schema
        def both(self, data: Any, **kwargs: Any) -> None:
            raise ValidationError("Give a or b, not both.")

    draft = read(write("features:\n  x: {a: 1}\n"))
    assert draft.load(("features", "x"), BothSchema()) is None
    assert told(draft) == ["config.yml:2:3: features.x: give a or b, not both"]


def test_a_schema_that_raises_is_reported_without_the_text_of_the_error(write: Write) -> None:
    class BrokenSchema(Schema):
        a = fields.Integer()

        @post_load
        def made(self, data: Any, **kwargs: Any) -> None:
            raise RuntimeError("the secret is hunter2")

    draft = read(write("features:\n  x: {a: 1}\n"))
    assert draft.load(("features", "x"), BrokenSchema()) is None
    assert told(draft) == ["config.yml:2:3: features.x: cannot be checked: BrokenSchema raised RuntimeError"]


def test_others_add_mistakes_of_their_own(write: Write) -> None:
    draft = read(write("features:\n  orderz: {}\n  pets: {}\n"))
    draft.problem(("features", "orderz"), "no such feature" + suggest("orderz", ["pets", "orders"]))
    assert told(draft) == ["config.yml:2:3: features.orderz: no such feature (did you mean 'orders'?)"]


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [
        ("prot", " (did you mean 'port'?)"),
        ("PORT", " (did you mean 'port'?)"),
        ("access-log", " (did you mean 'access_log'?)"),
        ("zebra", ""),
        ("", ""),
        ("p" * 1_000_000, ""),
    ],
)
def test_the_nearest_known_word_is_suggested(word: str, suggestion: str) -> None:
    assert suggest(word, {"port", "access_log", "host"}) == suggestion
