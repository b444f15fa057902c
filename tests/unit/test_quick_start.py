"""The import that is made cheaper does what it did."""

import subprocess
import sys

LOOK = """
import re
at_once = re.compile
import petsage.quick_start
from marshmallow.validate import Email, ValidationError
assert re.compile is at_once
assert type(Email.DOMAIN_REGEX).__name__ == "_Later"
Email()("ada@example.org")
for wrong in ("ada@", "@example.org", "ada@exa mple.org", "ada"):
    try:
        Email()(wrong)
    except ValidationError as error:
        print(error)
assert Email.DOMAIN_REGEX.match("example.org")
"""


def test_marshmallow_still_knows_an_address_when_it_sees_one() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "Not a valid email address.\n" * 4)


def test_the_server_uses_it_before_anything_else_imports_marshmallow() -> None:
    look = "import petsage.cli.serve, marshmallow.validate as v; print(type(v.Email.DOMAIN_REGEX).__name__)"
    done = subprocess.run([sys.executable, "-c", look], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("_Later\n", "")


def test_garbage_is_collected_again_once_the_server_is_up() -> None:
    look = """
import gc
from petsage.quick_start import settle
print(gc.isenabled())
settle()
print(gc.isenabled(), gc.get_freeze_count() > 0)
"""
    done = subprocess.run([sys.executable, "-c", look], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\nTrue True\n", "")


def test_no_pattern_is_compiled_by_the_imports_that_are_made_cheaper() -> None:
    look = """
import re, configparser, logging, string, typing
import petsage.quick_start
import yaml.reader, yaml.resolver
assert type(yaml.reader.Reader.NON_PRINTABLE).__name__ == "_Later"
assert yaml.safe_load("[1, 2.5, true, 2001-01-01, text, ~]")[:3] == [1, 2.5, True]
try:
    yaml.safe_load("a: \\x01")
except yaml.YAMLError as error:
    print(type(error).__name__)
from dependency_injector import providers
settings = providers.Configuration()
settings.from_dict({"a": {"b": 1}})
print(settings.a.b())
"""
    done = subprocess.run([sys.executable, "-c", look], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("ReaderError\n1\n", "")


def test_whatever_is_compiled_later_is_used_by_its_own_methods_only() -> None:
    """A function of `re` takes a pattern as it comes, and knows ours for none."""
    look = r"""
import inspect, re, sys
import petsage.quick_start as quick_start
late = 0
for name, module in sorted(sys.modules.items()):
    holders = [module, *(one for one in vars(module).values() if isinstance(one, type) and one.__module__ == name)]
    for holder in holders:
        for key, value in list(vars(holder).items()):
            if type(value) is quick_start._Later:
                late += 1
                value.pattern  # it compiles
                try:
                    source = inspect.getsource(module)
                except OSError:  # compiled itself; its one pattern is asked by `finditer`
                    assert name == "dependency_injector.providers"
                    continue
                given_away = re.search(rf"\bre\.\w+\((?:\w+\.)*{re.escape(key)}\b", source)
                assert given_away is None, (name, given_away.group())
print(late > 10)
"""
    done = subprocess.run([sys.executable, "-c", look], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True\n", "")
