"""Variables and mounted files in values: Compose's syntax, after parsing and before typing."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from petsage.settings import ConfigError, read

Write = Callable[[str | bytes], Path]
SYNTAX = "write ${NAME}, ${NAME:-default} or ${file:PATH}, and $$ for a dollar sign"

GOOD = {
    "${SET}": "value",
    "$SET": "value",
    "a $SET-b${SET}c": "a value-bvaluec",
    "${SET:-default}": "value",
    "${SET-default}": "value",
    "${SET:?message}": "value",
    "${SET?message}": "value",
    "${SET:+instead}": "instead",
    "${SET+instead}": "instead",
    "a${EMPTY}b": "ab",
    "${EMPTY:-default}": "default",
    "a${EMPTY-default}b": "ab",
    "a${EMPTY?message}b": "ab",
    "a${EMPTY:+instead}b": "ab",
    "${EMPTY+instead}": "instead",
    "${UNSET:-default}": "default",
    "${UNSET-default}": "default",
    "a${UNSET:-}b": "ab",
    "a${UNSET:+instead}b": "ab",
    "a${UNSET+instead}b": "ab",
    "${UNSET:-${SET}}": "value",
    "${UNSET:-${UNSET:-$SET/${EMPTY:-x}}}": "value/x",
    "${UNSET:-a}b}": "ab}",
    "${UNSET:-http://h:1/}": "http://h:1/",
    "$$": "$",
    "$$SET": "$SET",
    "$${SET}": "${SET}",
    "${UNSET:-$$}": "$",
    "$$$SET": "$value",
    "${LOOKS_LIKE_A_VARIABLE}": "${SET} $$",
    "${NUMBER}": 8080,
    "${NUMBER}0": 80800,
    "${UNSET:-0x1f}": 31,
    "${UNSET:-true}": True,
    "${UNSET:-}": None,
    "${NOTHING}": None,
    "'${NUMBER}'": "8080",
    '"${UNSET:-true}"': "true",
    '"${UNSET:-}"': "",
    "|-\n      ${NUMBER}": "8080",
    ">-\n      ${SET}\n      ${SET}": "value value",
    "${STRUCTURE}": "{port: 1}\nlog: {level: debug}",
    "${file:secret}": "s3cret",
    "a${file:secret}b": "as3cretb",
    "${file:$DIR/secret}": "s3cret",
    "${file:number}": 12345,
    '"${file:number}"': "12345",
    "${file:two-lines}": "a\n",
    "${file:windows}": "a",
    '"${file:empty}"': "",
    "${file:like-a-variable}": "${SET}",
    "${UNSET:-${file:secret}}": "s3cret",
    "[$SET, '${SET}']": ["value", "value"],
    "{$SET: '${SET}'}": {"$SET": "value"},
}

BAD = {
    "${UNSET}": "variable UNSET is not set (set it, or give a default: ${UNSET:-default})",
    "$UNSET": "variable UNSET is not set (set it, or give a default: ${UNSET:-default})",
    "${UNSET:?ask ops}": "variable UNSET must be set: ask ops",
    "${UNSET?ask ops}": "variable UNSET must be set: ask ops",
    "${EMPTY:?ask ops}": "variable EMPTY must be filled: ask ops",
    "${EMPTY:?}": "variable EMPTY is not filled (set it, or give a default: ${EMPTY:-default})",
    "${UNSET:-${ALSO_UNSET}}": "variable ALSO_UNSET is not set (set it, or give a default: ${ALSO_UNSET:-default})",
    "${": f"'${{' without its '}}' ({SYNTAX})",
    "${SET": f"'${{' without its '}}' ({SYNTAX})",
    "${SET:-${SET}": f"'${{' without its '}}' ({SYNTAX})",
    "${}": f"malformed '${{' ({SYNTAX})",
    "${ SET }": f"malformed '${{' ({SYNTAX})",
    "${SET:default}": f"malformed '${{' ({SYNTAX})",
    "${SET=default}": f"malformed '${{' ({SYNTAX})",
    "${1}": f"malformed '${{' ({SYNTAX})",
    "${GRÖSSE}": f"malformed '${{' ({SYNTAX})",
    "${" * 20 + "}" * 20: f"malformed '${{' ({SYNTAX})",
    "${A:-" * 20 + "}" * 20: "'${' nested more than 8 levels deep",
    "$": f"a single '$' ({SYNTAX})",
    "5$ a day": f"a single '$' ({SYNTAX})",
    "$1": f"a single '$' ({SYNTAX})",
    "${file:}": f"'${{file:}}' names no file ({SYNTAX})",
    "${file:nowhere}": "${file:nowhere}: no such file",
    "${file:.}": "${file:.}: a folder, not a file",
    "${file:pipe}": "${file:pipe}: not a regular file",
    "${file:/dev/zero}": "${file:/dev/zero}: not a regular file",
    "${file:bytes}": "${file:bytes}: not UTF-8",
    "${file:huge}": "${file:huge}: larger than 1 MiB",
    "${file:nul}": "character U+0000 is not allowed",
    "${file:digits}": "a number of 80 characters (quote it if it is a text)",
    "${UNDECODABLE}": "character U+DCFF is not allowed",
    "${file:big}${file:big}${file:big}${file:big}${file:big}": "interpolated values are larger than 4 MiB in all",
}

ENVIRONMENT = {
    "SET": "value",
    "EMPTY": "",
    "NUMBER": "8080",
    "NOTHING": "null",
    "LOOKS_LIKE_A_VARIABLE": "${SET} $$",
    "STRUCTURE": "{port: 1}\nlog: {level: debug}",
    "UNDECODABLE": "\udcff",
    "DIR": ".",
}

FILES = {
    "secret": b"s3cret\n",
    "number": b"12345\n",
    "two-lines": b"a\n\n",
    "windows": b"a\r\n",
    "empty": b"",
    "like-a-variable": b"${SET}",
    "bytes": b"\xff",
    "nul": b"a\0b",
    "digits": b"1" * 80,
    "big": b"x" * 1024 * 1024,
    "huge": b"x" * (1024 * 1024 + 1),
}


@pytest.fixture(autouse=True)
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UNSET", "ALSO_UNSET", "A"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for file, content in FILES.items():
        (tmp_path / file).write_bytes(content)
    os.mkfifo(tmp_path / "pipe")


@pytest.mark.parametrize("written", GOOD)
def test_a_value_is_filled_in_and_then_typed(write: Write, written: str) -> None:
    draft = read(write(f"checks:\n  a:\n    value: {written}\n"))
    draft.finish()
    expected: Any = GOOD[written]
    value = draft.raw(("checks", "a", "value"))
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize("written", BAD)
def test_what_cannot_be_interpolated_is_reported_without_a_value(write: Write, written: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(write(f"checks:\n  a:\n    value: {written}\n")).finish()
    assert str(caught.value) == f"config.yml:3:5: checks.a.value: {BAD[written]}"


def test_a_variable_can_be_a_port_a_length_of_time_or_left_empty(write: Write) -> None:
    source = write(
        "server:\n  port: $NUMBER\n  drain: ${UNSET:-1m30s}\n  max_body: ${UNSET:-64KiB}\n  unix_socket: $EMPTY\n"
        "features:\n  orders:\n    enabled: ${UNSET:-false}\n"
    )
    draft = read(source)
    draft.finish()
    server = draft.settings.server
    assert (server.port, server.drain, server.max_body, server.unix_socket) == (8080, 90.0, 65536, None)
    assert not draft.settings.feature("orders").enabled


def test_a_mistake_in_an_interpolated_value_does_not_show_the_value(write: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        read(write("server:\n  port: ${file:secret}\n  drain: $SET\nlog:\n  level: $SET\n")).finish()
    assert str(caught.value).split("\n") == [
        "config.yml:2:3: server.port: must be a whole number, not a text",
        "config.yml:3:3: server.drain: not a duration (write it like 250ms, 10s or 1m30s)",
        "config.yml:5:3: log.level: must be one of debug, info, warning, error",
    ]


def test_paths_of_values_from_files_are_known(write: Write) -> None:
    draft = read(write('checks:\n  a: {x: "${file:secret}", y: ["b", "c${file:secret}"], z: $SET}\n'))
    assert draft.secrets == {("checks", "a", "x"), ("checks", "a", "y", 1)}


def test_files_are_looked_for_beside_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yml").write_text("checks:\n  a:\n    value: ${file:secret}\n")
    monkeypatch.chdir("/")
    assert read(tmp_path / "config.yml").raw(("checks", "a", "value")) == "s3cret"


def test_a_mapping_written_in_code_is_not_interpolated() -> None:
    draft = read({"checks": {"a": {"value": "${UNSET} $"}}})
    draft.finish()
    assert draft.raw(("checks", "a", "value")) == "${UNSET} $"
