"""Deferred patterns: reading one returns a `re.Pattern`, and no trace of the deferral is left."""

import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from time import monotonic, sleep
from types import ModuleType

import pytest

from petsage import deferred_patterns
from petsage.deferred_patterns import compile_deferred, compile_deferred_soon, deferring

SIMPLE = """
    import codecs, re
    class Reader:
        NAME = re.compile("[a-z]+", re.IGNORECASE)
        OTHER = NAME
    def compiled(text):
        return re.compile(text)
"""
Import = Callable[[str], ModuleType]


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Return a function that imports a source while its patterns are deferred."""

    def import_deferred(source: str) -> ModuleType:
        (tmp_path / "library.py").write_text(textwrap.dedent(source))
        with deferring():
            return import_module("library")

    monkeypatch.setattr(deferred_patterns, "_MODULES", frozenset({"library"}))
    monkeypatch.setattr(deferred_patterns, "_waiting", [])
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "library", raising=False)
    monkeypatch.setitem(sys.modules, "library", ModuleType("library"))  # restored at the end
    del sys.modules["library"]
    return import_deferred


def test_a_pattern_is_compiled_when_it_is_first_read(imported: Import) -> None:
    reader = imported(SIMPLE).Reader
    assert not isinstance(vars(reader)["NAME"], re.Pattern)
    assert re.compile("[a-z]+", re.IGNORECASE) == reader().NAME
    assert [type(vars(reader)[name]) for name in ("NAME", "OTHER")] == [re.Pattern, re.Pattern]


def test_all_patterns_can_be_compiled_at_once_and_repeatedly(imported: Import) -> None:
    reader = imported(SIMPLE).Reader
    compile_deferred()
    compile_deferred()
    assert vars(reader)["NAME"] is vars(reader)["OTHER"]
    assert vars(reader)["NAME"] == re.compile("[a-z]+", re.IGNORECASE)


def test_an_attribute_that_was_replaced_meanwhile_is_kept(imported: Import) -> None:
    reader = imported(SIMPLE).Reader
    reader.NAME = "another"
    compile_deferred()
    assert (reader.NAME, type(vars(reader)["OTHER"])) == ("another", re.Pattern)


def test_the_module_is_as_its_ordinary_loader_leaves_it(imported: Import) -> None:
    before = [*sys.meta_path]
    library = imported(SIMPLE)
    assert (library.re, library.compiled("a"), sys.meta_path) == (re, re.compile("a"), before)
    assert library.__spec__ is not None
    assert [type(one) for one in (library.__loader__, library.__spec__.loader)] == [SourceFileLoader] * 2
    assert library.__file__ == library.__spec__.origin


@pytest.mark.parametrize(
    "source",
    [
        "import re\nPATTERN = re.compile('a')",
        "import re\nclass Reader:\n    PATTERNS = [re.compile('a')]\npattern, = Reader.PATTERNS\nPATTERN = pattern",
        "import re\nclass Reader:\n    is_a = re.compile('a').fullmatch\nPATTERN = Reader.is_a.__self__",
    ],
)
def test_a_pattern_that_is_no_attribute_of_a_class_is_compiled_at_once(imported: Import, source: str) -> None:
    assert re.compile("a") == imported(source).PATTERN
    assert deferred_patterns._waiting == []


def test_a_module_that_cannot_be_imported_raises_what_it_raised_without(imported: Import) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        imported("import re\n1 / 0")
    assert raised.value.__context__ is None
    assert "library" not in sys.modules


def test_the_patterns_are_compiled_soon_after_the_start(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deferred_patterns, "_DELAY", 0.01)
    reader = imported(SIMPLE).Reader
    compile_deferred_soon()
    until = monotonic() + 30
    while not isinstance(vars(reader)["NAME"], re.Pattern) and monotonic() < until:
        sleep(0.01)
    assert isinstance(vars(reader)["NAME"], re.Pattern)


def test_nothing_is_left_deferred_in_libraries_that_the_server_imports() -> None:
    look = """
import gc, re, sys, weakref
from petsage import deferred_patterns
with deferred_patterns.deferring():
    import petsage.server.startup, yaml
Deferred = deferred_patterns._Deferred
classes = [yaml.reader.Reader, sys.modules["marshmallow.validate"].Email]
places = [(one, name) for one in classes for name, value in vars(one).items() if type(value) is Deferred]
print(*(f"{one.__name__}.{name}" for one, name in places))
alive = [weakref.ref(vars(one)[name]) for one, name in places]
deferred_patterns.compile_deferred()
gc.collect()
print([gc.get_referrers(one()) for one in alive if one() is not None])
print({type(vars(one)[name]) for one, name in places} == {re.Pattern})
"""
    done = subprocess.run([sys.executable, "-c", look], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (
        "Reader.NON_PRINTABLE Email.USER_REGEX Email.DOMAIN_REGEX\n[]\nTrue\n",
        "",
    )
