"""Untrusted JSON: as much of it is read as can be, at a cost that is linear in its length."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from petsage.wait.lenient_json import list_member, read_document, text_member
from tests.support.growth import MAX_GROWTH, growth

DEEP = b"[" * 100_000
LONG = b"9" * 100_000


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b'{"status": "pass"}', {"status": "pass"}),
        (b'\xef\xbb\xbf{"status": "pass"}', {"status": "pass"}),
        ('{"status": "pass"}'.encode("utf-16"), {"status": "pass"}),
        (b"[]", []),
        (b"null", None),
        (b"", None),
        (b"\xff\xfe", None),
        (b"<html>", None),
        (b'{"status": "fail", "x": "\xff\xfe\xc3"}', {"status": "fail", "x": "\ufffd\ufffd\ufffd"}),
        (b'{"status": "pass", "status": "fail"}', {"status": "fail"}),
        (b'{"status": "fail", "x": ' + DEEP + b"}", {"status": "fail"}),
        (b'{"x": ' + DEEP + b"]" * 100_000 + b', "status": "fail"}', {"status": "fail"}),
        (b'{"status": "fail", "x": "' + b"y" * 100_000, {"status": "fail"}),
        (
            b'{"status": "fail", "failing": ["db", {"a": "}"}], "x": "\\"',
            {"status": "fail", "failing": ["db", {"a": "}"}]},
        ),
        (b'{"status": "fail"', {"status": "fail"}),
        (b'{"status": "fa', {}),
        (b'{"status": "fail"} {"status": "pass"}', {"status": "fail"}),
        (b'{"a": {"status": "fail", "b": [1, 2', {}),
        (b'{"st\\u0061tus": "fail", nonsense', {"status": "fail"}),
        (b'{"status": bad, "x": "fail"', {"x": "fail"}),
        (b'{"status": , : "fail"', {}),
        (b'{{{"status": "fail"', {}),
        (b'{"' + b"n" * 100_000 + b'": "x", "status": "fail",', {"status": "fail"}),
    ],
)
def test_what_can_be_read_is_read(body: bytes, document: Any) -> None:
    assert read_document(body) == document


def test_numbers_of_any_length_and_no_number_are_read() -> None:
    read = read_document(
        b'{"n": ' + LONG + b', "m": -' + LONG + b', "nan": NaN, "f": 1e999999, "i": 7, "status": "fail"}'
    )
    assert math.isnan(read.pop("nan"))
    assert read == {"n": math.inf, "m": -math.inf, "f": math.inf, "i": 7, "status": "fail"}


@pytest.mark.parametrize("document", [None, 7, "x", [], [{"status": "fail"}], {"status": 7, "failing": "db"}, {}])
def test_members_of_a_wrong_type_are_none(document: Any) -> None:
    assert text_member(document, "status") is None
    assert list_member(document, "failing") == []


CASES: dict[str, Callable[[int], bytes]] = {
    "quotes that are escaped": lambda size: b'{"a": "' + b'\\"' * size,
    "backslashes": lambda size: b'{"a": "' + b"\\" * size,
    "quotes": lambda size: b"{" + b'"' * size,
    "texts without an end": lambda size: b'{"a' + b'":"' * size,
    "openings": lambda size: b"{" + b"[" * size,
    "closings": lambda size: b"{[" + b"]" * size,
    "members": lambda size: b"{" + b'"a": 1,' * (size // 7),
    "names without values": lambda size: b"{" + b'"a":' * (size // 4),
    "spaces": lambda size: b"{" + b" " * size,
    "digits": lambda size: b'{"a": ' + b"9" * size,
    "digits in the end": lambda size: json.dumps({"a": 1})[:-1].encode() + b"9" * size + b"}",
}


@pytest.mark.parametrize("case", CASES)
def test_reading_costs_twice_for_twice_the_length(case: str) -> None:
    make = CASES[case]
    assert growth(lambda size: read_document(make(size)), 60_000) <= MAX_GROWTH
