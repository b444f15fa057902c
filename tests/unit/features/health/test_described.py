"""What the API document says of the probes."""

from typing import Any

from openapi_spec_validator import validate
from pytest_aiohttp import AiohttpClient

from petsage.features.health.container import HealthContainer, contribute
from petsage.features.health.settings import HealthSettings
from petsage.http import describe, operation_of
from petsage.testing import feature_app
from tests.support.health import DB_DOWN, FakeMonitor, a_core, probes

PATHS = ["/health", "/livez", "/livez/{check}", "/readyz", "/readyz/{check}", "/startupz", "/startupz/{check}"]


def described() -> dict[str, Any]:
    container = HealthContainer(core=a_core(FakeMonitor()), settings=HealthSettings())
    app = feature_app(contribute(container))
    return describe(app.router.routes(), title="PetSage", version="1")


def test_the_document_is_valid_and_names_every_path_once() -> None:
    document = described()
    validate(document)
    assert sorted(document["paths"]) == PATHS


def test_each_answer_is_described_in_all_formats_with_an_example() -> None:
    for path, operations in described()["paths"].items():
        responses = operations["get"]["responses"]
        expected = {"200", "400", "401", "403", "503", "default"} | ({"404"} if path.endswith("}") else set())
        assert set(responses) == expected
        for status in ("200", "503"):
            content = responses[status]["content"]
            assert list(content) == ["application/json", "text/plain", "application/health+json"]
            assert all("example" in one for one in content.values())


def test_the_query_is_described() -> None:
    parameters = described()["paths"]["/readyz/{check}"]["get"]["parameters"]
    assert [(one["in"], one["name"]) for one in parameters] == [
        ("path", "check"),
        ("query", "format"),
        ("query", "verbose"),
        ("query", "fresh"),
        ("query", "exclude"),
    ]


async def test_the_probes_are_quiet_in_the_access_log(aiohttp_client: AiohttpClient) -> None:
    client = await probes(aiohttp_client, a_core(FakeMonitor(DB_DOWN)))
    assert client.app is not None
    found = [operation_of(route.handler) for route in client.app.router.routes()]
    assert all(one is not None and one.quiet for one in found)
