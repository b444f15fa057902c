"""The contract of GET /smoke-test, on the feature alone and in a whole application.

It holds for the feature that is built in, and for the one that the builder makes of the original request.
"""

from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pytest_aiohttp import AiohttpClient

from petsage.app import create_app
from petsage.bootstrap import load
from petsage.core.inventory import Entry, Inventory, Quarantine, State, Step
from petsage.testing import feature_app
from tests.support.builder import put
from tests.support.project import Client

OK = '{"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}'
HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


Sections = dict[str, Any]


@pytest.fixture(params=["built-in", "built from the original request"])
def sections(request: pytest.FixtureRequest, tmp_path: Path) -> Sections:
    """A configuration with the one or the other."""
    features = tmp_path / "features"
    if request.param == "built-in":
        features.mkdir()
        return {"feature_paths": [str(features)]}
    put(features, feature="smoke_test", description="Ensure builder functional", requirements="none")
    return {"feature_paths": [str(features)], "features": {"smoke_test": {"built_in": False}}}


async def served(aiohttp_client: AiohttpClient, sections: Sections) -> Client:
    return await aiohttp_client(create_app(load(sections)))


async def alone(aiohttp_client: AiohttpClient, sections: Sections, inventory: Inventory) -> Client:
    core, features = load(sections)
    core.inventory.override(inventory)
    (feature,) = [one for one in features if one.name == "smoke_test" and one.enabled]
    assert feature.setup is not None
    assert feature.schema is not None
    return await aiohttp_client(feature_app(feature.setup(core, feature.schema.load({}))))


def some(headers: Any) -> dict[str, str]:
    return {name: headers[name] for name in HEADERS if name in headers}


@pytest.mark.parametrize("path", ["/smoke-test", "/smoke-test/", "/smoke-test?verbose=1&x", "/smoke-test/?a=b"])
async def test_the_answer_is_the_document_whatever_the_query_or_the_slash(
    aiohttp_client: AiohttpClient, sections: Sections, path: str
) -> None:
    client = await served(aiohttp_client, sections)
    answer = await client.get(path, allow_redirects=False)
    assert (answer.status, await answer.text(), some(answer.headers)) == (200, OK, HEADERS)


@pytest.mark.parametrize("path", ["/smoke-test", "/smoke-test/"])
async def test_head_answers_as_get_does_without_the_body(
    aiohttp_client: AiohttpClient, sections: Sections, path: str
) -> None:
    client = await served(aiohttp_client, sections)
    answer = await client.head(path, allow_redirects=False)
    assert (answer.status, await answer.text(), some(answer.headers)) == (200, "", HEADERS)
    assert answer.headers["Content-Length"] == str(len(OK))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
async def test_any_other_method_is_refused_with_those_allowed(
    aiohttp_client: AiohttpClient, sections: Sections, method: str
) -> None:
    client = await served(aiohttp_client, sections)
    answer = await client.request(method, "/smoke-test")
    assert (answer.status, answer.headers["Allow"], answer.content_type) == (
        405,
        "GET,HEAD",
        "application/problem+json",
    )
    assert await answer.json(content_type=None) == {
        "type": "about:blank",
        "title": "Method Not Allowed",
        "status": 405,
        "detail": f"{method} is not allowed here, only GET, HEAD",
        "instance": "/smoke-test",
    }


async def test_authorization_and_a_body_change_nothing(aiohttp_client: AiohttpClient, sections: Sections) -> None:
    client = await served(aiohttp_client, sections)
    answer = await client.get("/smoke-test", headers={"Authorization": "Bearer nonsense"}, data=b"\xff" * 100)
    assert (answer.status, await answer.text()) == (200, OK)


async def test_the_message_is_the_configured_one(aiohttp_client: AiohttpClient, sections: Sections) -> None:
    sections.setdefault("features", {}).setdefault("smoke_test", {})["message"] = 'Größe "42" \u2713'
    client = await served(aiohttp_client, sections)
    answer = await client.get("/smoke-test")
    expected = {"status": "ok", "feature": "smoke_test", "message": 'Größe "42" \u2713'}
    assert await answer.json() == expected
    assert list(await answer.json()) == list(expected)


async def test_a_required_feature_in_quarantine_turns_it_red_and_is_named(
    aiohttp_client: AiohttpClient, sections: Sections
) -> None:
    inventory = Inventory()
    inventory.add(Entry("orders", "features/orders.py"))
    inventory.add(Entry("stock", "features/stock.py"))
    client: TestClient[Any, Any] = await alone(aiohttp_client, sections, inventory)
    inventory.set_mounted("orders", "features/orders.py")
    inventory.set_mounted("stock", "features/stock.py")
    assert (await client.get("/smoke-test")).status == 200
    inventory.set_quarantined("orders", "features/orders.py", Quarantine(Step.RUN, "ConnectionError", "0123abcd"))
    answer = await client.get("/smoke-test")
    assert answer.status == 503
    assert some(answer.headers) == {**HEADERS, "Content-Type": "application/problem+json"}
    assert await answer.json(content_type=None) == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "required features are not served: orders",
        "instance": "/smoke-test",
        "feature": "smoke_test",
        "failures": [{"feature": "orders", "step": "run", "reason": "ConnectionError", "ref": "0123abcd"}],
    }


async def test_a_required_feature_that_is_not_up_yet_is_not_ok(
    aiohttp_client: AiohttpClient, sections: Sections
) -> None:
    inventory = Inventory()
    inventory.add(Entry("orders", "features/orders.py"))
    client = await alone(aiohttp_client, sections, inventory)
    answer = await client.get("/smoke-test")
    assert answer.status == 503
    assert (await answer.json(content_type=None))["failures"] == [
        {"feature": "orders", "step": "start", "reason": "it is not up yet", "ref": None}
    ]


@pytest.mark.parametrize(
    "entry",
    [
        Entry("orders", "x", required=False, state=State.QUARANTINED, quarantine=Quarantine(Step.RUN, "x", "0123abcd")),
        Entry("orders", "x", state=State.DISABLED),
        Entry("orders", "x", state=State.MOUNTED),
    ],
)
async def test_an_optional_a_disabled_and_a_served_feature_keep_it_green(
    aiohttp_client: AiohttpClient, sections: Sections, entry: Entry
) -> None:
    inventory = Inventory()
    inventory.add(entry)
    client = await alone(aiohttp_client, sections, inventory)
    answer = await client.get("/smoke-test")
    assert (answer.status, await answer.text()) == (200, OK)


async def test_the_document_describes_it_with_an_example_equal_to_the_answer(
    aiohttp_client: AiohttpClient, sections: Sections
) -> None:
    client = await served(aiohttp_client, sections)
    paths = (await (await client.get("/openapi.json")).json())["paths"]
    (operation,) = paths["/smoke-test"].values()
    content = operation["responses"]["200"]["content"]
    assert (operation["tags"], operation["summary"]) == (["System Health"], "Perform a System Smoke Test")
    assert operation["description"].endswith("It asks nothing outside the process, so it may be asked every second.")
    assert [shown["example"] for shown in content.values()] == [await (await client.get("/smoke-test")).json()]
    assert list(operation["responses"]["503"]["content"]) == ["application/problem+json"]
