"""Words that no name, file name, docstring, comment, log line or error text may have."""

import ast
import io
import re
import tokenize
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
    anybody doubt doubted excuse excused farewell goodbye guest guests house houses household insist judge judged knock
    living lodger lodgers moved news nobody patience rehearse room rooms sighting sightings somebody stand standing
    stands stanza stanzas stay stays straggler stragglers stranger strangers subject subjects tell telling tells tenant
    tenants told trouble troubles whoever whomever
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
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                yield node.lineno, name


def prose(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield docstrings, and the texts of what is logged and raised."""
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield getattr(node, "lineno", 1), ast.get_docstring(node) or ""
            case ast.Call(func=ast.Attribute(attr=method)) if method in LOG_METHODS:
                yield from constants(node)
            case ast.Raise(exc=ast.Call() as call):
                yield from constants(call)


def constants(call: ast.Call) -> Iterator[tuple[int, str]]:
    """Yield the texts among the arguments of a call, and those between the fields of its f-strings."""
    for argument in call.args:
        parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
        yield from (
            (call.lineno, part.value)
            for part in parts
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )


def comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_and_texts_use_plain_words(path: Path) -> None:
    source = path.read_text()
    tree = ast.parse(source)
    texts = [(1, path.stem), *names(tree), *prose(tree), *comments(source)]
    found = [(line, text, word) for line, text in texts for word in sorted(words(text) & FORBIDDEN)]
    assert found == []


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_names_of_tests_and_their_files_use_plain_words(path: Path) -> None:
    tests = [(line, name) for line, name in names(ast.parse(path.read_text())) if name.startswith("test_")]
    found = [(line, name, word) for line, name in [(1, path.stem), *tests] for word in words(name) & FORBIDDEN]
    assert found == []
