"""The page of the kinds has every kind, and every key of each with its default."""

import re
from pathlib import Path

import pytest
import yaml

from petsage.checks.kinds import find_kinds

PAGE = (Path(__file__).parents[4] / "docs" / "checks.md").read_text()
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^### |\Z)", PAGE, re.MULTILINE | re.DOTALL))
OWN = {name for name, kind in find_kinds().items() if not kind.origins[0].distribution}


def rows(kind: str) -> dict[str, str]:
    """Return the second column of the table by the keys in the first."""
    found: dict[str, str] = {}
    for keys, default in re.findall(r"^\| (`.*?) \| (.*?) \|", SECTIONS[kind], re.MULTILINE):
        found |= dict.fromkeys(re.findall(r"`(\w+)`", keys), default)
    return found


def test_every_kind_has_its_section() -> None:
    assert SECTIONS.keys() == OWN


@pytest.mark.parametrize("kind", sorted(OWN))
def test_every_key_is_named_and_no_other(kind: str) -> None:
    assert rows(kind).keys() == find_kinds()[kind].load().schema.fields.keys()


NEEDED = {"argv": ["true"], "name": "x", "path": "/", "url": "http://x", "host": "x", "port": 1}


@pytest.mark.parametrize("kind", sorted(OWN))
def test_a_default_that_is_written_is_the_default(kind: str) -> None:
    schema = find_kinds()[kind].load().schema
    needed = {name: NEEDED[name] for name, field in schema.fields.items() if field.required} or {"host": "x"}
    plain = schema.load(needed)
    written = {name: text[1:-1] for name, text in rows(kind).items() if text.startswith("`")}
    for name, default in written.items():
        if default in schema.fields:
            assert getattr(plain, name) is None
        elif name == "port" and hasattr(plain, "default_port"):
            assert plain.default_port == int(default)
        else:
            assert schema.fields[name].deserialize(yaml.safe_load(default)) == getattr(plain, name)
