"""The JSON encoder, and the validation of documents."""

import json
from typing import Any, NamedTuple

import pytest
from marshmallow import Schema, fields, validate

from petsage.http.documents import (
    DocumentEncoder,
    ResponseValidationError,
    plain_members,
    to_bytes,
    to_json,
    to_lenient_json,
    to_readable_json,
)


class Odd:
    def __str__(self) -> str:
        raise RuntimeError


class Named:
    def __str__(self) -> str:
        return "named"


class Light(NamedTuple):
    colour: str


class LightSchema(Schema):
    colour = fields.String(validate=validate.OneOf(["red", "grün"]))


def test_texts_are_written_as_they_are_and_lone_surrogates_as_escapes() -> None:
    assert to_json({"a": "grün"}) == '{"a": "grün"}'
    assert json.loads(to_bytes(to_json("\ud800"))) == "\ud800"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")], Named()])
def test_what_json_cannot_represent_is_refused_and_becomes_text_where_that_is_wanted(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        to_json(value)
    assert plain_members({"a": value, "b": 1}) == {"a": str(value), "b": 1}


def test_a_lenient_encoder_writes_the_text_of_an_object_or_the_name_of_its_class() -> None:
    for encode in (to_lenient_json, to_readable_json):
        assert json.loads(encode({"a": Named(), "b": [Odd()]})) == {"a": "named", "b": ["Odd"]}


def test_readable_json_is_indented_ascii() -> None:
    assert to_readable_json({"a": "grün"}) == '{\n  "a": "gr\\u00fcn"\n}'


def test_a_document_is_validated_when_it_is_encoded() -> None:
    encoder = DocumentEncoder(LightSchema())
    assert (encoder.text(Light("red")), encoder.encode(Light("grün"))) == (
        '{"colour": "red"}',
        '{"colour": "grün"}'.encode(),
    )
    with pytest.raises(ResponseValidationError, match="LightSchema rejects the document"):
        encoder.text(Light("blue"))
    with pytest.raises(ResponseValidationError, match="got dict"):
        encoder.encode({"colour": "red"})


def test_many_documents_are_encoded_as_an_array() -> None:
    assert DocumentEncoder(LightSchema(many=True)).text([Light("red"), Light("red")]) == (
        '[{"colour": "red"}, {"colour": "red"}]'
    )
