"""The public names of `petsage.checks.sdk`."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from petsage.checks import sdk

DOCUMENTED = (Path(__file__).parents[4] / "docs" / "kinds.md").read_text()
CONSTANTS = {"MAX_BYTES"}


def imported_for_type_checkers() -> dict[str, str]:
    """Return the module of each name that the package imports for type checkers."""
    tree = ast.parse(inspect.getsource(sdk))
    imports = [node for branch in tree.body if isinstance(branch, ast.If) for node in branch.body]
    return {
        alias.name: node.module or "" for node in imports if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def test_the_three_lists_of_names_are_the_same() -> None:
    assert imported_for_type_checkers() == sdk._MODULES
    assert sorted(sdk.__all__) == sorted(sdk._MODULES)
    assert dir(sdk) == sorted(sdk.__all__)


@pytest.mark.parametrize("name", sorted(set(sdk.__all__) - CONSTANTS))
def test_a_public_name_is_documented(name: str) -> None:
    value = getattr(sdk, name)
    assert value.__name__ == name
    assert value.__doc__
    assert f"`{name}" in DOCUMENTED


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'petsage\.checks\.sdk' has no attribute 'Trust'"):
        _ = sdk.Trust


def test_importing_the_package_imports_nothing_else() -> None:
    program = (
        "import sys; import petsage.checks; before = {*sys.modules}; import petsage.checks.sdk;"
        "print(*sorted({*sys.modules} - before))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown == "petsage.checks.sdk\n"
