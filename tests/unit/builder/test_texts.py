"""Descriptions are data: whatever they hold comes out as text, and never as code."""

import ast
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from petsage.builder import literals, names
from petsage.builder.render import render
from petsage.builder.requirements import RequiredCheck, Requirements
from tests.support.builder import request
from tests.support.fuzzing import budget

NASTY = st.sampled_from(
    ['"""', "'''", "\\", "{{ 7 * 7 }}", "{% raw %}", "{# x #}", "\n\n", "\n# ", "${HOME}", "%s", "```", "<script>"]
)
WRITTEN = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.lists(NASTY | st.text(WRITTEN, max_size=20), max_size=40).map("".join).filter(str.strip)
BOUNDED = budget(80)


def without_texts(source: str) -> str:
    """Return the structure of a module, its texts left out."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def constant(source: str, name: str) -> object:
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(name)


@BOUNDED
@given(st.text(max_size=300), st.integers(0, 40), st.sampled_from([0, 4, 8]))
@example("x" * 10_000, 14, 0)
@example("'\"" * 200, 14, 0)
def test_a_literal_is_the_text_within_the_width(text: str, before: int, indent: int) -> None:
    written = literals.literal(text, before, indent)
    assert ast.literal_eval(written) == text
    first, *others = written.splitlines()
    assert max([before + len(first), *map(len, others)]) <= literals.WIDTH


@BOUNDED
@given(TEXTS)
@example('"')
@example('say "')
@example("\\")
@example("x" * 10_000)
def test_a_description_changes_no_code_and_comes_out_whole(description: str) -> None:
    asked, plain = request(description=description), render(request(description="x"))
    rendered = render(asked)
    assert {path: without_texts(text) for path, text in rendered.items() if path.endswith(".py")} == {
        path: without_texts(text) for path, text in plain.items() if path.endswith(".py")
    }
    assert constant(rendered["handlers.py"], "DESCRIPTION") == asked.description
    summary = ast.get_docstring(ast.parse(rendered["__init__.py"])) or ""
    assert summary.endswith(".")
    assert "\n" not in summary


@BOUNDED
@given(TEXTS)
@example("1. one\n2) two\n- three\n=====\n    four")
def test_a_description_is_plain_text_in_markdown(description: str) -> None:
    text = literals.markdown(description)
    kinds = {token.type for token in MarkdownIt("commonmark").parse(text)}
    inner = {child.type for token in MarkdownIt("commonmark").parse(text) for child in token.children or ()}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close"}
    assert inner <= {"text", "softbreak", "text_special"}


def test_ten_thousand_characters_come_out_in_the_document_and_in_the_readme() -> None:
    description = "All pets, great and small. " * 370
    rendered = render(request(description=description))
    assert constant(rendered["handlers.py"], "DESCRIPTION") == description.strip()
    assert description.strip() in rendered["README.md"]
    assert rendered["__init__.py"].startswith('"""All pets, great and small."""\n')


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ("Ensure builder functional", "PetSage builder is functional!"),
        ("Ensure that the water is warm.", "PetSage water is warm!"),
        ("Book grooming appointments.", "PetSage pet grooming is functional!"),
        ("Ensure <b> bold", "PetSage pet grooming is functional!"),
    ],
)
def test_the_message_follows_from_the_request(description: str, message: str) -> None:
    assert names.message("pet_grooming", description) == message


@pytest.mark.parametrize(
    ("description", "summary"),
    [
        ("Book appointments. And more.", "Book appointments"),
        ("  Book!\nMore", "Book"),
        ("...", "..."),
        ("v1.2 of it", "v1.2 of it"),
    ],
)
def test_the_summary_is_the_first_sentence(description: str, summary: str) -> None:
    assert names.summary(description) == summary


def test_a_kind_of_another_distribution_is_imported_from_there_in_the_usual_order() -> None:
    kinds = [
        RequiredCheck(kind="kafka", module="acme_checks.kafka", settings={"host": "localhost"}, external=True),
        RequiredCheck(
            kind="redis",
            module="petsage.checks.kinds.redis",
            settings={"host": "localhost"},
            external=True,
            component_type="datastore",
        ),
    ]
    asked = replace(request(), requirements=Requirements(checks=tuple(kinds)))
    lines = render(asked)["settings.py"].splitlines()
    assert [line for line in lines if line.startswith("from ")] == [
        "from dataclasses import dataclass, field",
        "from typing import Any",
        "from acme_checks.kafka import schema as kafka_schema",
        "from marshmallow import Schema, fields, post_load, validate",
        "from petsage.checks import Check",
        "from petsage.checks.kinds.redis import schema as redis_schema",
    ]


def test_a_file_added_to_the_template_comes_out_without_any_other_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature = tmp_path / "feature"
    (feature / "docs").mkdir(parents=True)
    (feature / "docs" / "NAME.md.j2").write_text(dedent("# {{ title }}: {{ description | markdown }}\n"))
    monkeypatch.setattr("petsage.builder.render.TEMPLATES", tmp_path)
    asked = request("pet_orders", "Say *hi*")
    assert render(asked) == {"docs/pet_orders.md": "# Pet Orders: Say \\*hi\\*\n"}
