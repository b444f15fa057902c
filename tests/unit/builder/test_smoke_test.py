"""The smoke test that is built is the one that is part of PetSage, in another place and under a message of its own."""

import ast

import pytest

from petsage.builder import smoke_test
from petsage.builder.render import render
from tests.support.builder import request

PACKAGE = "petsage.features.smoke_test"


def read(name: str) -> str:
    return (smoke_test._FOLDER / name).read_text()


def structure(source: str, *, without: str = "") -> str:
    """Return a module without its imports, the descriptions of its operations, and the assignment to `without`."""
    tree = ast.parse(source)
    assigned = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == without]
    tree.body = [node for node in tree.body if not isinstance(node, ast.ImportFrom) and node not in assigned]
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "description":
            node.value = ast.Constant("")
    return ast.dump(tree)


def imported(source: str) -> list[tuple[str, str]]:
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)]
    return sorted((str(node.module).removeprefix(f"{PACKAGE}."), name.name) for node in imports for name in node.names)


@pytest.mark.parametrize("name", ["handlers.py", "schemas.py", "service.py"])
def test_its_modules_differ_in_imports_and_description_alone(name: str) -> None:
    built = render(request("smoke_test", "Ensure builder functional"))[name]
    assert structure(built, without="DESCRIPTION") == structure(read(name))
    assert imported(built) == imported(read(name))
    assert PACKAGE not in built


def test_its_readme_has_the_text_of_the_other_one_and_its_own_message() -> None:
    built = render(request("smoke_test", "Ensure the water warm"))["README.md"]
    assert built.startswith("# Smoke Test\n\nEnsure the water warm\n\n## Overview\n\n")
    for paragraph in read("README.md").partition("\n")[2].split("\n\n"):
        if "builder is functional" not in paragraph and paragraph not in {"", "## Settings"}:
            assert paragraph.strip() in built
    assert built.count('"PetSage water is warm!"') == 2
    assert "builder is functional" not in built


@pytest.mark.parametrize("description", ['\'"""\' {{ x }} ${HOME}', "\n\n# x\nimport os", "long " * 400])
def test_its_description_is_a_text_whatever_it_holds(description: str) -> None:
    asked = request("smoke_test", description)
    built = render(asked)["handlers.py"]
    assert structure(built, without="DESCRIPTION") == structure(read("handlers.py"))
    (value,) = smoke_test._values("DESCRIPTION", ast.parse(built))
    assert ast.literal_eval(value) == asked.description


def test_it_can_have_checks_and_distributions() -> None:
    built = render(request("smoke_test", "Ensure builder functional", ["redis", "package: pillow>=11"]))
    assert "container.redis()" in built["container.py"]
    assert "core.inventory," in built["container.py"]
    assert "core.monitor," not in built["container.py"]
    assert '"pillow>=11",' in built["__init__.py"]
