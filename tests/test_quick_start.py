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
