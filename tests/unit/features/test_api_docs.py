"""The contract of GET /openapi.json and GET /docs; tests/integration/browser has a browser."""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urljoin

import pytest
from aiohttp import ClientSession
from openapi_spec_validator import validate as validate_document
from pytest_aiohttp import AiohttpClient
from yarl import URL

from petsage.app import dry_run
from petsage.bootstrap import load
from petsage.features.api_docs.container import ApiDocsContainer, contribute
from petsage.features.api_docs.service import swagger_ui_folder
from petsage.http import operation_of
from petsage.testing import feature_app
from tests.support.fuzzing import examples
from tests.support.prefix_proxy import behind_prefix
from tests.support.project import Client, Project, StartApp
from tests.support.server_process import serving

HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
PAGE_HEADERS = {
    **HEADERS,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
LINKED = {
    "/docs/favicon-32x32.png": "image/png",
    "/docs/petsage-docs.css": "text/css; charset=utf-8",
    "/docs/petsage-docs.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui.css": "text/css; charset=utf-8",
    "/openapi.json": "application/json; charset=utf-8",
}
PLAIN_TEXT = (
    "PetSage API The API document is openapi.json. To read it here, and to try the API out, "
    "install Swagger UI 5 and restart the server: pip install 'petsage[docs]'"
)


async def alone(aiohttp_client: AiohttpClient, *, installed: bool = True) -> Client:
    container = ApiDocsContainer(core=load().core)
    if not installed:
        container.find_swagger_ui.override(lambda: None)
    return await aiohttp_client(feature_app(contribute(container)))


def links(page: str) -> set[str]:
    """Return every address in a page, unresolved."""
    return set(re.findall(r'(?:href|src|data-document)="([^"]+)"', page))


async def media_types_of_links(page_url: str) -> dict[str, str]:
    """Load a page and all that it links to; return the media type by path."""
    async with ClientSession(raise_for_status=True) as session:
        async with session.get(page_url, allow_redirects=False) as answer:
            found = links(await answer.text())
        types = {}
        for link in sorted(found):
            async with session.get(urljoin(page_url, link), allow_redirects=False) as answer:
                types[answer.url.path] = answer.headers["Content-Type"]
    return types


@pytest.mark.parametrize("path", ["/docs", "/docs/", "/docs?x=1", "/docs/?x=1"])
async def test_all_that_the_page_links_to_is_there(aiohttp_client: AiohttpClient, path: str) -> None:
    client = await alone(aiohttp_client)
    assert await media_types_of_links(str(client.make_url(path))) == LINKED


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
async def test_so_it_is_behind_a_path_prefix(aiohttp_client: AiohttpClient, path: str) -> None:
    client = await alone(aiohttp_client)
    async with behind_prefix(str(client.make_url("")).rstrip("/")) as url:
        found = await media_types_of_links(url + path)
    assert found == {f"/api{name}": media_type for name, media_type in LINKED.items()}


@pytest.mark.parametrize("installed", [True, False])
@pytest.mark.parametrize("path", ["/docs", "/docs/"])
async def test_a_page_allows_a_browser_nothing_but_its_own_files(
    aiohttp_client: AiohttpClient, path: str, *, installed: bool
) -> None:
    client = await alone(aiohttp_client, installed=installed)
    answer = await client.get(path, allow_redirects=False)
    assert (answer.status, {name: answer.headers.get(name) for name in PAGE_HEADERS}) == (200, PAGE_HEADERS)
    text = await answer.text()
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>PetSage API</title>" in text
    assert re.findall(r"<style|style=|<script>| on\w+=|javascript:|//", text) == []


@pytest.mark.parametrize("path", ["/docs", "/docs/", *LINKED])
async def test_head_answers_as_get_does_without_the_body(aiohttp_client: AiohttpClient, path: str) -> None:
    client = await alone(aiohttp_client)
    get, head = await client.get(path), await client.head(path)
    assert (head.status, await head.read()) == (200, b"")
    assert {**head.headers, "Date": ""} == {**get.headers, "Date": ""}
    assert head.headers["Content-Length"] == str(len(await get.read()))


@pytest.mark.parametrize("path", ["/docs", "/docs/", *LINKED])
async def test_a_client_that_has_it_already_gets_304(aiohttp_client: AiohttpClient, path: str) -> None:
    client = await alone(aiohttp_client)
    tag = (await client.get(path)).headers["ETag"]
    again = await client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status, again.headers["ETag"], again.headers["Cache-Control"]) == (304, tag, "no-cache")
    assert await again.read() == b""
    other = await client.get(path, headers={"If-None-Match": '"other"'})
    assert (other.status, other.headers["ETag"]) == (200, tag)


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "swagger-ui.css.map",
        "swagger-uiXcss",
        "petsage-docs.js/",
        "x/petsage-docs.js",
        "..%2fservice.py",
        "%2e%2e/service.py",
        "..%5cservice.py",
        "petsage-docs.js%00",
        "%2fetc%2fpasswd",
    ],
)
async def test_no_other_file_can_be_had(aiohttp_client: AiohttpClient, name: str) -> None:
    client = await alone(aiohttp_client)
    async with ClientSession() as session:
        url = URL(f"http://127.0.0.1:{client.port}/docs/{name}", encoded=True)
        async with session.get(url, allow_redirects=False) as answer:
            assert (answer.status, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(("path", "link"), [("/docs", "openapi.json"), ("/docs/", "../openapi.json")])
async def test_without_the_extra_the_page_says_how_to_get_it(
    aiohttp_client: AiohttpClient, path: str, link: str
) -> None:
    client = await alone(aiohttp_client, installed=False)
    text = await (await client.get(path)).text()
    body = text[text.index("<body>") :]
    assert " ".join(re.sub(r"<[^>]*>", "", body).split()) == PLAIN_TEXT
    assert links(body) == {link}
    assert await (await client.get(urljoin(path, link))).json() == await (await client.get("/openapi.json")).json()


async def test_without_the_extra_a_file_of_the_page_is_a_problem_that_says_so(aiohttp_client: AiohttpClient) -> None:
    client = await alone(aiohttp_client, installed=False)
    answer = await client.get("/docs/petsage-docs.js")
    assert (answer.status, await answer.json(content_type=None)) == (
        404,
        {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": "Swagger UI 5 is not installed here: pip install 'petsage[docs]'",
            "instance": "/docs/petsage-docs.js",
        },
    )


def test_swagger_ui_is_found_unless_missing_or_too_old_for_openapi_3_1(monkeypatch: pytest.MonkeyPatch) -> None:
    found = swagger_ui_folder()
    assert found is not None
    assert found.name.startswith("swagger-ui-5.")
    old = ModuleType("swagger_ui_bundle")
    old.__dict__.update(__spec__=object(), swagger_ui_path=Path("vendor/swagger-ui-4.15.5"))
    monkeypatch.setitem(sys.modules, "swagger_ui_bundle", old)
    assert swagger_ui_folder() is None
    monkeypatch.setitem(sys.modules, "swagger_ui_bundle", None)
    assert swagger_ui_folder() is None


def test_swagger_ui_is_not_loaded_before_the_first_request() -> None:
    program = (
        "import sys; from petsage.app import dry_run; from petsage.bootstrap import load; dry_run(load());"
        "print([name for name in ('swagger_ui_bundle', 'apispec') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout == "[]\n"


async def test_the_document_is_a_valid_one_of_all_that_is_served(project: Project, start_app: StartApp) -> None:
    project.add_feature(
        "greetings.py",
        '''
        """Greets."""
        from aiohttp import web
        from petsage.feature import Contribution

        async def greet(request):
            """Say hello."""
            return web.Response()

        def setup(core):
            return Contribution(routes=[web.get("/greetings/{name}", greet)])
        ''',
    )
    client = await start_app()
    answer = await client.get("/openapi.json")
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    document = await answer.json()
    validate_document(document)
    assert {"/openapi.json", "/docs", "/docs/{name}", "/smoke-test", "/greetings/{name}"} <= document["paths"].keys()
    (name,) = document["paths"]["/docs/{name}"]["get"]["parameters"]
    allowed = re.compile(name["schema"]["pattern"])
    assert [bool(allowed.search(text)) for text in ("swagger-ui.css", "index.html")] == [True, False]


def test_the_command_line_prints_the_same_document(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "petsage", "openapi"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    with serving(cwd=tmp_path) as server:
        assert json.loads(run.stdout) == server.get("/openapi.json").json


def test_every_route_of_the_built_in_features_is_an_operation() -> None:
    routes = dry_run(load()).router.routes()
    bare: list[Any] = [route for route in routes if operation_of(route.handler) is None]
    assert bare == []


@pytest.mark.slow
def test_schemathesis_finds_nothing_wrong_with_the_built_in_features(tmp_path: Path) -> None:
    options = [
        f"--max-examples={examples(12)}",
        "--phases=examples,coverage,fuzzing",
        "--no-color",
        "--generation-deterministic",
    ]
    with serving(cwd=tmp_path) as server:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json", *options]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=280)
    assert (run.returncode, run.stdout) == (0, run.stdout)
