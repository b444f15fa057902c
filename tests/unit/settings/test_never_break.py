"""Whatever is in the file, it is a configuration or a list of mistakes, and never anything else."""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields

from petsage.fields import Duration, SecretText
from petsage.settings import ConfigDraft, ConfigError, read
from tests.support.fuzzing import budget

BOUNDED = budget(160)
WORDS = ["server", "port", "host", "log", "level", "features", "orders", "enabled", "feature_paths", "checks", "a"]
WORDS += ["b", "_schema", "key", "value"]
SCRAPS = [
    *WORDS, ": ", ":\n", "\n", "\n  ", "\n    ", "- ", "? ", "[", "]", "{", "}", ", ", "&a ", "*a", "!!int ", "!x ",
    "|\n", ">-\n", "'", '"', "\\", "\\ud800", "\\0", "#", "%YAML 1.2\n", "---\n", "...\n", "$", "${", "}", "${A:-",
    "${file:", "$$", "1", "0x", "9" * 70, ".inf", "true", "~", "1:30", "2001-13-45", "3s", "1MiB", "\t", "\r", "\x00",
    "<<", "\x85", "\ufeff", "é", "\U0001f43e",
]  # fmt: skip


class OrdersSchema(Schema):
    limit = fields.Integer()
    places = fields.List(fields.Nested(Schema.from_dict({"city": fields.String(required=True)})))
    prices = fields.Dict(keys=fields.String(), values=fields.Float())
    token = SecretText()
    wait = Duration()
    when = fields.DateTime()
    anything = fields.Raw()


def drafted(source: Path | dict[str, Any]) -> ConfigDraft | None:
    try:
        return finished(read(source))
    except ConfigError as error:
        invalid = error
    lines = str(invalid).splitlines()
    assert len(lines) == len(invalid.mistakes) > 0
    assert all(line.isprintable() for line in lines)
    return None


def finished(draft: ConfigDraft) -> ConfigDraft:
    for section in ("features", "checks"):
        for name in draft.names(section):
            draft.load((section, name), OrdersSchema(), without={"enabled", "required"})
    draft.finish()
    return draft


def drafted_file(content: bytes) -> ConfigDraft | None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "config.yml")
        source.write_bytes(content)
        return drafted(source)


@BOUNDED
@given(st.binary(max_size=200))
def test_random_bytes(content: bytes) -> None:
    drafted_file(content)


@BOUNDED
@given(st.text(max_size=200))
def test_random_texts(content: str) -> None:
    drafted_file(content.encode("utf-8", "surrogatepass"))


@BOUNDED
@given(st.lists(st.sampled_from(SCRAPS), max_size=40))
def test_random_scraps_of_yaml(scraps: list[str]) -> None:
    drafted_file("".join(scraps).encode())


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(SCRAPS)
KEYS = st.sampled_from([*WORDS, *OrdersSchema().fields]) | st.text(max_size=5)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
SECTIONS = st.dictionaries(KEYS, st.dictionaries(KEYS, TREES, max_size=3) | TREES, max_size=5)


@BOUNDED
@given(SECTIONS)
def test_random_structures_in_a_file(tree: dict[str, Any]) -> None:
    drafted_file(yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "surrogatepass"))


@BOUNDED
@given(SECTIONS | st.dictionaries(SCALARS, TREES, max_size=3))
def test_random_structures_in_code(tree: dict[Any, Any]) -> None:
    drafted(tree)


@BOUNDED
@given(st.text(alphabet="${}:-?+AfileHOME/ $", max_size=40))
def test_random_variables(text: str) -> None:
    draft = drafted_file(b"log: {level: info}\nchecks:\n  a:\n    anything: |-\n      x" + text.encode())
    if draft is not None and "$" not in text:
        assert draft.raw(("checks", "a", "anything")) == f"x{text}".rstrip("\n")


@BOUNDED
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100))
def test_what_a_variable_holds_never_becomes_structure(value: str) -> None:
    name = "PETSAGE_TEST_VALUE"
    os.environ[name] = value
    try:
        draft = drafted_file(f'checks:\n  a: {{anything: "${name}"}}\n'.encode())
    finally:
        del os.environ[name]
    assert draft is not None
    assert draft.raw(("checks",)) == {"a": {"anything": value}}


@pytest.mark.parametrize(
    "content",
    [
        b"\n".join(b"key%d: ${" % number for number in range(9_000)),
        b"\n".join(b"%s%d: 1" % (b"server"[: number % 7], number) for number in range(9_000)),
        b"[" * 1_000_000,
        b"{" * 1_000_000,
        b"a: " + b"9" * 1_000_000,
        b"a: '" + b"${A:-" * 190_000 + b"'",
        b"a: '" + b"${file:/proc/self/status}" * 40_000 + b"'",
        b"k" * 1_000_000 + b": 1",
        b"? " * 500_000,
        b"- " * 500_000,
        b"a:\n" + b" " * 1_000_000,
        b"&a " * 300_000,
    ],
    ids=lambda content: content[:12].decode(),
)
def test_what_is_made_to_be_slow_ends(content: bytes) -> None:
    assert drafted_file(content) is None or content.startswith(b"a:\n")
