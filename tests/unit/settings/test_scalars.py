"""What a plain scalar means: YAML 1.2's core schema, and nothing of YAML 1.1's surprises."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from petsage.settings import read

Write = Callable[[str | bytes], Path]

MEANS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    "0": 0,
    "-7": -7,
    "+7": 7,
    "017": 17,
    "0o17": 15,
    "0x1F": 31,
    "1.5": 1.5,
    "-.5": -0.5,
    "1.": 1.0,
    "1e3": 1000.0,
    "1.5E-1": 0.15,
    ".inf": math.inf,
    "-.INF": -math.inf,
    "1e999": math.inf,
    **{
        text: text
        for text in (
            "yes", "no", "on", "off", "y", "n", "Yes", "NO", "tRUE", "nULL", "none", "1:30", "12:30:45", "2001-12-14",
            "2001-13-45", "2001-12-14t21:59:43.10-05:00", "1_000", "0b11", "0o8", "-0x1f", "0xg", "1e", "e3", ".", "..",
            "-", "+", "1.2.3", "nan", "inf", "=", "10s", "64KiB", "٣", "1 2", "a,b", "-a", "a#b", "a:b",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("written", [text for text in MEANS if text != "-"])
def test_a_plain_scalar_is_typed(write: Write, written: str) -> None:
    value = read(write(f"checks:\n  value: {written}\n")).raw(("checks", "value"))
    assert (value, type(value)) == (MEANS[written], type(MEANS[written]))


@pytest.mark.parametrize("written", MEANS)
def test_a_quoted_scalar_is_a_text(write: Write, written: str) -> None:
    draft = read(write(f"checks:\n  value: '{written}'\n  other: \"{written}\"\n"))
    assert draft.raw(("checks",)) == {"value": written, "other": written}


def test_not_a_number_is_a_number(write: Write) -> None:
    assert math.isnan(read(write("checks: .nan\n")).raw(("checks",)))
