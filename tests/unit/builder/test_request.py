"""What may be asked for, and what is said of what may not."""

from pathlib import Path
from typing import Any

import pytest

from petsage.builder.render import render
from petsage.builder.request import Request, RequestError, make_request
from petsage.builder.request_file import read_request
from petsage.builder.requirements import RequiredCheck, Requirements
from petsage.checks.kinds import find_kinds
from tests.support.builder import ORIGINAL, request

KINDS = ", ".join(find_kinds())
IDENTIFIER = "use lower-case words and digits, with single underscores between them"


def mistakes(*asked: Any) -> list[str]:
    with pytest.raises(RequestError) as raised:
        make_request(*asked)
    return list(raised.value.mistakes)


@pytest.mark.parametrize("nothing", [None, [], "none", "NONE", " ", ["none"], [None]])
def test_none_an_empty_list_and_absence_mean_the_same(nothing: Any) -> None:
    assert request(requirements=nothing) == request()
    assert request().requirements == Requirements()


def test_kinds_and_distributions_are_kept_once_in_the_order_asked_for() -> None:
    asked = [
        "redis",
        "package: pillow >= 11",
        "http",
        "redis",
        {"package": "httpx[http2]<1,>=0.27"},
        "package:pillow>=11",
    ]
    assert request(requirements=asked).requirements == Requirements(
        checks=(
            RequiredCheck(
                kind="redis",
                module="petsage.checks.kinds.redis",
                settings={"host": "localhost"},
                external=True,
                component_type="datastore",
            ),
            RequiredCheck(
                kind="http", module="petsage.checks.kinds.http", settings={"url": "http://localhost"}, external=True
            ),
        ),
        distributions=("pillow>=11", "httpx[http2]<1,>=0.27"),
    )


@pytest.mark.parametrize("kind", find_kinds())
def test_every_kind_can_be_required_and_has_example_settings(kind: str) -> None:
    (check,) = request(requirements=kind).requirements.checks
    assert find_kinds()[kind].load().schema.load(check.settings) is not None


@pytest.mark.parametrize(
    ("requirement", "mistake"),
    [
        ("redsi", "unknown requirement 'redsi' (did you mean 'redis'?)"),
        ("pillow", f"unknown requirement 'pillow' (kinds of checks are {KINDS}; a distribution is 'package: NAME')"),
        (7, "7 is neither a kind of check nor 'package: NAME'"),
        ({"package": "a", "b": 1}, "{'package': 'a', 'b': 1} is neither a kind of check nor 'package: NAME'"),
        (
            ["none", "redis"],
            f"unknown requirement 'none' (kinds of checks are {KINDS}; a distribution is 'package: NAME')",
        ),
        (
            "package: a @ https://example.org/a.whl",
            "'package: a @ https://example.org/a.whl' is a URL: give a version instead, like 'package: a>=1'",
        ),
    ],
)
def test_an_unknown_requirement_is_reported(requirement: Any, mistake: str) -> None:
    assert mistakes("grooming", "x", requirement) == [f"requirements: {mistake}"]


def test_a_package_that_is_not_a_requirement_is_reported_with_an_example() -> None:
    (mistake,) = mistakes("grooming", "x", "package: pil low")
    assert mistake.startswith("requirements: 'package: pil low' is not a distribution (")
    assert mistake.endswith("): write it like 'package: pillow>=11'")


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("pet-orders", f"{IDENTIFIER} (try 'pet_orders')"),
        ("PetOrders", f"{IDENTIFIER} (try 'pet_orders')"),
        ("pet__orders", f"{IDENTIFIER} (try 'pet_orders')"),
        ("_orders", f"{IDENTIFIER} (try 'orders')"),
        ("2fast", f"{IDENTIFIER} (try 'fast')"),
        ("größe", f"{IDENTIFIER} (try 'gr_e')"),
        ("../../etc", f"{IDENTIFIER} (try 'etc')"),
        ("класс", IDENTIFIER),
        ("class", "it is a keyword of Python (try 'class_feature')"),
        ("tests", "a folder of this name holds tests, and discovery ignores it"),
        ("email", "there is a Python module of this name, which its tests would import instead (try 'email_feature')"),
        (
            "marshmallow",
            "there is a Python module of this name, which its tests would import instead (try 'marshmallow_feature')",
        ),
        ("a" * 33, "it has 33 characters, at most 32 are allowed"),
    ],
)
def test_a_name_is_explained(name: str, mistake: str) -> None:
    (found,) = mistakes(name, "x")
    assert found.startswith(f"feature: {name!r} cannot be a feature's name: ")
    assert found.removeprefix(f"feature: {name!r} cannot be a feature's name: ").startswith(mistake)


def test_all_mistakes_are_reported_together() -> None:
    assert mistakes(None, " \n", ["redsi", "package:"])[:3] == [
        "feature: is missing: give the name of the feature, such as 'grooming'",
        "description: is missing: say in a sentence what the feature is for",
        "requirements: unknown requirement 'redsi' (did you mean 'redis'?)",
    ]
    assert mistakes("a", "x" * 20_001) == ["description: has 20001 characters, at most 20000 are allowed"]
    assert mistakes("a", "x\udc80") == ["description: character U+DC80 is not allowed"]


def test_the_original_request_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "request.yml"
    file.write_text(ORIGINAL)
    assert read_request(str(file)) == Request(
        feature="smoke_test", description="Ensure builder functional", requirements=Requirements()
    )


def test_what_a_file_says_is_text_and_no_variable_is_filled_in(tmp_path: Path) -> None:
    file = tmp_path / "request.yml"
    file.write_text("feature: a1\ndescription: 42 ${HOME} $$ {{ x }}\nrequirements:\n- redis\n- package: pillow>=11\n")
    asked = read_request(str(file))
    assert asked.description == "42 ${HOME} $$ {{ x }}"
    assert asked.requirements.distributions == ("pillow>=11",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ": must be a mapping of feature, description, requirements"),
        ("- a", ": must be a mapping of feature, description, requirements"),
        ("feature: a\nfeature: b\n", ":2:1: feature: duplicate key"),
        ("feature: [", ":2:1: not YAML: "),
        ("feature: a\ndescription: x\nrequires: redis\n", ": requires: unknown key (did you mean 'requirements'?)"),
        ("feature: a\ndescription: [x]\n", ": description: must be a text (quote it)"),
        ("feature: a\ndescription: !!python/object:os.system x\n", ":2:14: "),
    ],
)
def test_a_file_that_is_not_a_request_is_reported_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "request.yml"
    file.write_text(text)
    with pytest.raises(RequestError) as raised:
        read_request(str(file))
    assert str(raised.value).startswith(f"{file}{expected}")
    assert "\n" not in str(raised.value)


def test_the_same_request_gives_the_same_files_in_the_same_order() -> None:
    asked = ["redis", "http", "package: pillow>=11"]
    first, second = render(request(requirements=asked)), render(request(requirements=asked))
    assert list(first.items()) == list(second.items())
