"""Words that no name, file name, log line or first line of a docstring may have."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import petsage

ROOT = Path(petsage.__file__).parent
FILES = sorted(path for path in ROOT.rglob("*.py") if "templates" not in path.parts)
TESTS = Path(__file__).parents[1]
TEST_FILES = sorted(TESTS.rglob("*.py"))

FORBIDDEN = frozenset(
    """
    anybody doubt doubted excuse excused farewell goodbye guest house household insist judge judged knock living lodger
    moved news nobody patience rehearse room sighting somebody stand standing stands stanza stanzas stay stays straggler
    stragglers stranger strangers subject tell telling tells tenant tenants told trouble troubles whoever whomever
    """.split()  # noqa: SIM905 (a list of words is read better as words)
)
LOG_METHODS = {"critical", "debug", "error", "exception", "info", "log", "warning"}


def words(text: str) -> set[str]:
    """Split a name or a sentence into its words in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}


def names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.arg():
                yield node.lineno, node.arg


def prose(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the first lines of docstrings, and what is logged."""
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if text := ast.get_docstring(node):
                    yield getattr(node, "lineno", 1), text.partition("\n")[0]
            case ast.Call(func=ast.Attribute(attr=method), args=[ast.Constant(value=str(text)), *_]) if (
                method in LOG_METHODS
            ):
                yield node.lineno, text


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_log_lines_and_docstrings_use_plain_words(path: Path) -> None:
    tree = ast.parse(path.read_text())
    texts = [(1, path.stem), *names(tree), *prose(tree)]
    found = [(line, text, word) for line, text in texts for word in sorted(words(text) & FORBIDDEN)]
    assert found == []


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_names_of_tests_and_their_files_use_plain_words(path: Path) -> None:
    tests = [(line, name) for line, name in names(ast.parse(path.read_text())) if name.startswith("test_")]
    found = [(line, name, word) for line, name in [(1, path.stem), *tests] for word in words(name) & FORBIDDEN]
    assert found == []
