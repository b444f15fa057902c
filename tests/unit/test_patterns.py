"""Every regular expression of the package is linear in the length of its text."""

import ast
import inspect
import re
from collections import deque
from collections.abc import Iterator
from importlib import import_module
from itertools import product
from pkgutil import walk_packages
from time import thread_time
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from marshmallow import Schema, fields, validate

import petsage
from tests.support.fuzzing import some
from tests.support.growth import MAX_GROWTH, growth

SIZE = 4000
CALLS = {f"re.{name}" for name in ("findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn")}
DEAR = 0.002
"""Seconds; what costs less than this for `SIZE` characters is looked at no closer."""


def modules() -> Iterator[ModuleType]:
    """Yield all modules of the package that can be imported here."""
    for found in walk_packages(petsage.__path__, "petsage."):
        is_program = found.name.endswith(".__main__")  # importing it runs it
        if not is_program and "templates" not in found.name:
            try:
                yield import_module(found.name)
            except ImportError:  # an extra that is not installed
                continue


class Used(NamedTuple):
    """A pattern, and the method by which it is used."""

    pattern: re.Pattern[str]
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.pattern.pattern}"


def patterns() -> dict[str, Used]:
    """Return all patterns that a module holds, a schema's validator has, or a call of `re` in a function writes."""
    found = (used for module in modules() for used in (*_held(module), *_of_schemas(module), *_called(module)))
    return {str(used): used for used in found}


def _held(module: ModuleType) -> Iterator[Used]:
    """Yield patterns with the methods that are called of their names; one without, such as a list's, is searched."""
    calls = [
        (ast.unparse(node.value), node.attr) for node in ast.walk(_tree(module)) if isinstance(node, ast.Attribute)
    ]
    for name, value in vars(module).items():
        methods = {attribute for owner, attribute in calls if owner == name and hasattr(re.Pattern, attribute)}
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, re.Pattern) and isinstance(each.pattern, str):
                yield from (Used(each, method) for method in methods - {"pattern"} or {"search"})


def _of_schemas(module: ModuleType) -> Iterator[Used]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Schema):
            for field in value._declared_fields.values():
                yield from _of_field(field)


def _of_field(field: Any) -> Iterator[Used]:
    validators = getattr(field, "validators", ())
    yield from (
        Used(re.compile(str(each.regex.pattern)), "match") for each in validators if isinstance(each, validate.Regexp)
    )
    if isinstance(field, fields.Mapping):
        yield from _of_field(field.key_field)
        yield from _of_field(field.value_field)


def _called(module: ModuleType) -> Iterator[Used]:
    for node in ast.walk(_tree(module)):
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and called in CALLS:
            first = node.args[0]
            written = first.value if isinstance(first, ast.Constant) else vars(module)[ast.unparse(first)]
            yield Used(re.compile(str(written)), called.removeprefix("re."))


def _tree(module: ModuleType) -> ast.AST:
    return ast.parse(inspect.getsource(module))


PATTERNS = patterns()
PIECES = [*"aA0_-.:/@?&=%\\'\"${}()[],;!#~ \n\té"]
PIECES += [
    "a.",
    "a_",
    "a-",
    "0.",
    "0s",
    "1ms",
    ";q=0.1",
    "key",
    "token",
    "='",
    '\\"',
    "${",
    "}}",
    "$$",
    "aA",
    "A0",
    "%41",
]
STARTS = ["", "a", "0", "'password': '", "password=", "q=0.", "package", "ensure the a is ", "${a:-", "bearer", "[^"]
ENDS = ["", "\x00", "!", "@"]
TEXTS = some(product(STARTS, PIECES, ENDS))


def worst(parts: tuple[str, str, str], size: int) -> str:
    start, piece, end = parts
    return f"{start}{piece * (size // len(piece))}{end}"


def growing(used: Used) -> tuple[str, ...] | None:
    """Return a text whose cost grows faster than it does, as the parts that make it."""
    for parts in TEXTS:
        text = worst(parts, SIZE)
        began = thread_time()
        use(used, text)
        is_dear = thread_time() - began > DEAR
        if is_dear and growth(lambda size, made_of=parts: use(used, worst(made_of, size)), SIZE) > MAX_GROWTH:  # type: ignore[misc] # bound at once
            return parts
    return None


def use(used: Used, text: str) -> None:
    if used.method == "sub":
        used.pattern.sub("", text)
    elif used.method == "finditer":
        deque(used.pattern.finditer(text), maxlen=0)
    else:
        getattr(used.pattern, used.method)(text)


def test_the_patterns_of_all_modules_are_found() -> None:
    assert len(PATTERNS) > 40
    held, of_a_schema, called = (
        r"fullmatch [A-Za-z0-9._:+/=@-]{1,128}",
        r"match [A-Z]+\Z",
        r"findall \[Errno (\d{1,9})\]",
    )
    assert {held, of_a_schema, called} <= set(PATTERNS)


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_a_pattern_costs_twice_as_much_for_twice_the_text_at_most(name: str) -> None:
    assert growing(PATTERNS[name]) is None


@pytest.mark.parametrize("pattern", [r"\b[a-z][a-z0-9+.-]*://\S*@", r"\s+!", r"(?:a|aa)*[0-9]+@"])
def test_a_quadratic_pattern_would_be_found(pattern: str) -> None:
    compiled = re.compile(pattern)
    assert (
        growth(lambda size: compiled.search("a " * (size // 4) + "a." * (size // 4) + " " * size + "0" * size), 6000)
        > MAX_GROWTH
    )
