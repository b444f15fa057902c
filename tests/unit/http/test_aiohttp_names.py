"""The private names of aiohttp: one module uses them, and without any of them the server still answers correctly."""

import ast
import importlib
import inspect
import json
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web, web_response
from multidict import CIMultiDict

import petsage
from petsage.http import CachedResponse, _aiohttp
from tests.support.project import Project
from tests.support.raw_http import ask, connect
from tests.support.server_process import serving

AIOHTTP = Path(aiohttp.__file__).parent
OWN = [path for path in sorted(Path(petsage.__file__).parent.rglob("*.py")) if "templates" not in path.parts]
OTHERS = [path for path in OWN if path != Path(_aiohttp.__file__) and "aiohttp" in path.read_text()]
"""The modules that may have an object of aiohttp: with strict types, each has to name its class."""

OVERRIDES = {"_create_connection"}
"""What aiohttp's connectors have to override: `BaseConnector` has no public name for it."""

NAMES = {
    "_messages": "busy connections are recognized later",
    "_task_handler": "busy connections are recognized later",
    "_waiter": "busy connections are recognized later",
    "__http_exception__": "cached responses are slower",
    "_body": "cached responses are slower",
    "_body_length": "cached responses are slower",
    "_eof_sent": "cached responses are slower",
    "_keep_alive": "cached responses are slower",
    "_reason": "cached responses are slower",
    "_status": "cached responses are slower",
    "SERVER_SOFTWARE": "the Server header is aiohttp's",
}
REFLECTION = {"getattr", "setattr", "hasattr", "delattr", "attrgetter"}

RENAMING = """
    import importlib.machinery, os, re

    name = os.environ["RENAMED"]
    loader = importlib.machinery.SourceFileLoader
    get_data, path_stats = loader.get_data, loader.path_stats

    def renamed(self, path):
        data = get_data(self, path)
        if "/aiohttp/" not in path or not path.endswith(".py"):
            return data
        return re.sub(rf"\\b{name}\\b", f"{name}_renamed", data.decode()).encode()

    def stats_without_cache(self, path):
        if "/aiohttp/" in path:
            raise OSError("no cached bytecode")
        return path_stats(self, path)

    loader.get_data, loader.path_stats = renamed, stats_without_cache
"""
"""A `sitecustomize` after which aiohttp's own source has another name for one of its names."""

SMOKE_TEST = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}
NAMED_TUPLE = {"_asdict", "_field_defaults", "_fields", "_make", "_replace"}  # public, in spite of their underscore

FEATURE = """
    from aiohttp import web
    from petsage.feature import Contribution

    async def take(request):
        return web.Response(text=str(len(await request.read())))

    def setup(core):
        return Contribution(routes=[web.post("/take", take)])
"""
PIPELINED = (
    b"GET /smoke-test HTTP/1.1\r\nHost: x\r\n\r\n" * 3 + b"GET /gone HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
)


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__") and name not in NAMED_TUPLE


def private_names(tree: ast.AST) -> Iterator[str]:
    """Yield what is private of an object: methods, attributes of classes and of `self`, and slots."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.Attribute(attr=name):
                yield name
            case ast.ClassDef(body=body):
                for assigned in body:
                    yield from (one.id for one in ast.walk(assigned) if isinstance(one, ast.Name))
                    yield from (str(one.value) for one in ast.walk(assigned) if isinstance(one, ast.Constant))


@cache
def of_aiohttp(source: str) -> frozenset[str]:
    return frozenset(filter(is_private, private_names(ast.parse(source))))


@cache
def all_of_aiohttp() -> frozenset[str]:
    return frozenset().union(*(of_aiohttp(path.read_text()) for path in AIOHTTP.rglob("*.py")))


def of_others(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield private attributes of anything but `self`, `cls` and `super()`, also where they are given as texts."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                pass
            case ast.Attribute(attr=name) if is_private(name):
                yield node.lineno, name
            case ast.Call(func=ast.Name(id=function) | ast.Attribute(attr=function)) if function in REFLECTION:
                yield from ((node.lineno, one.value) for one in node.args if is_text(one))  # type: ignore[attr-defined]
            case ast.Subscript(value=ast.Call(func=ast.Name(id="vars")), slice=ast.Constant(value=str(name))):
                yield node.lineno, name


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.relative_to(Path(petsage.__file__).parent)))
def test_no_other_module_touches_a_private_attribute_of_aiohttp(path: Path) -> None:
    names = all_of_aiohttp() | NAMES.keys()
    assert [found for found in of_others(ast.parse(path.read_text())) if found[1] in names] == []


def subclasses() -> Iterator[type[Any]]:
    """Yield all classes of petsage that derive from one of aiohttp."""
    for module in pkgutil.walk_packages(petsage.__path__, "petsage."):
        if ".templates" in module.name or module.name.endswith("__main__"):
            continue
        for kind in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(kind) and kind.__module__ == module.name and any(map(is_of_aiohttp, kind.__mro__)):
                yield kind


def is_of_aiohttp(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "aiohttp"


def test_subclasses_have_no_private_name_of_their_base_class() -> None:
    found = {}
    for kind in subclasses():
        if kind.__module__ == _aiohttp.__name__:
            continue
        own = of_aiohttp(textwrap.dedent(inspect.getsource(kind)))
        bases = [of_aiohttp(textwrap.dedent(inspect.getsource(base))) for base in kind.__mro__ if is_of_aiohttp(base)]
        found[kind.__name__] = own & frozenset().union(*bases) - OVERRIDES
    assert "Connection" in found
    assert {name: common for name, common in found.items() if common} == {}


def test_this_aiohttp_has_them_all() -> None:
    assert (_aiohttp.KNOWS_STATE, _aiohttp.HAS_LAZY_RESPONSE) == (True, True)
    source = Path(_aiohttp.__file__).read_text()
    assert [name for name in NAMES if f'"{name}"' not in source] == []
    used = {name for _, name in of_others(ast.parse(source)) if name in all_of_aiohttp()}
    assert used <= NAMES.keys()


def test_public_names_that_are_not_documented_are_there() -> None:
    assert [
        name for name in ("log_access", "handle_error", "log_exception") if not hasattr(web.RequestHandler, name)
    ] == []
    assert hasattr(web_response, "SERVER_SOFTWARE")


@pytest.fixture
def renaming(tmp_path: Path) -> Path:
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "sitecustomize.py").write_text(textwrap.dedent(RENAMING))
    return tmp_path / "hooks"


@pytest.mark.parametrize("name", NAMES)
def test_without_one_of_them_the_server_answers_correctly_and_logs_one_line(
    name: str, project: Project, renaming: Path
) -> None:
    project.add_feature("taking.py", FEATURE)
    with serving(cwd=project.path, env={"PYTHONPATH": str(renaming), "RENAMED": name}) as server:
        for _ in range(2):
            assert (server.get("/smoke-test").status, server.get("/smoke-test").json) == (200, SMOKE_TEST)
        with connect(server.port) as client:
            client.sendall(PIPELINED)
            answers = b"".join(iter(lambda: client.recv(65536), b""))
        assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200", b"200", b"200", b"404"]
        assert answers.count(json.dumps(SMOKE_TEST).encode()) == 3
        head = b"POST /take HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\n"
        assert ask(server.port, head, b"ab", b"cd").body == b"4"
        assert ask(server.port, b"GET /smoke-test\r\n\r\n").json["status"] == 400
        assert (
            ask(server.port, b"GET / HTTP/1.1\r\nHost: x\r\n", b"X: " + b"x" * 9000 + b"\r\n\r\n").json["status"] == 431
        )
        assert server.get("/smoke-test", method="DELETE").status == 405
        assert server.terminate() == 0
    lines = [line for line in server.lines if "lacks private names" in line]
    assert [NAMES[name] in line and f".{name})" in line for line in lines] == [True]
    assert "Traceback" not in server.log


def test_missing_names_are_logged_once(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_aiohttp, "_logged", False)
    monkeypatch.setitem(_aiohttp._EFFECTS, "cached responses are slower", ("Response._body", "Response._status"))
    for _ in range(2):
        _aiohttp.log_missing_names()
    missing = "cached responses are slower (without Response._body, Response._status)"
    assert caplog.messages == [f"aiohttp {aiohttp.__version__} lacks private names: {missing}; update petsage"]


def test_without_them_a_cached_response_is_an_ordinary_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petsage.http.cached_response.HAS_LAZY_RESPONSE", False)
    response = CachedResponse(200, CIMultiDict({"X-Some": "thing"}), b"body").response()
    assert type(response) is web.Response
    assert (response.status, response.headers["X-Some"], response.body) == (200, "thing", b"body")


def test_a_name_that_is_there_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    _aiohttp.log_missing_names()
    assert caplog.messages == []


def test_without_them_a_connection_does_not_know_its_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_aiohttp, "KNOWS_STATE", False)
    connection = object.__new__(web.RequestHandler)
    assert (_aiohttp.is_busy(connection), _aiohttp.queued_requests(connection)) == (False, 0)


def test_all_responses_have_one_server_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_response, "SERVER_SOFTWARE", "before")
    _aiohttp.set_server_name("PetSage")
    assert _aiohttp.server_name() == vars(web_response)["SERVER_SOFTWARE"] == "PetSage"
