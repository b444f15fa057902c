"""A real server answers its probes while it is sent the worst bodies and content types."""

import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from tests.support.project import Project
from tests.support.server_process import Server, serving

pytestmark = pytest.mark.integration

FEATURE = """
from dataclasses import dataclass
from aiohttp import web
from marshmallow import Schema, fields, INCLUDE
from petsage.feature import Contribution
from petsage.http import operation

@dataclass(frozen=True)
class Thing:
    name: str = "thing"

class AnythingSchema(Schema):
    class Meta(Schema.Meta):
        unknown = INCLUDE

class ThingSchema(Schema):
    name = fields.Function(lambda _: LANGUAGE.get())

from contextvars import ContextVar
LANGUAGE = ContextVar("language")
THING = Thing()

@operation(summary="Take", body=AnythingSchema(), responses={200: AnythingSchema()})
async def take(request, body):
    return web.Response(text="taken")

@operation(summary="Show", responses={200: ThingSchema()})
async def show(request):
    LANGUAGE.set(request.headers["Accept-Language"])
    return THING

async def form(request):
    return web.Response(text=str(len(await request.post())))

async def parts(request):
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        await part.read()
    return web.Response()

def setup(core):
    takes = [web.post("/take", take), web.post("/form", form), web.post("/parts", parts)]
    return Contribution(routes=[*takes, web.get("/show", show)])
"""


@cache
def bomb() -> bytes:
    """Return 300 MB, deflated to 300 kB."""
    return zlib.compress(b"\0" * 300_000_000, 9)


def request_of(path: str, headers: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def attacks() -> dict[str, tuple[bytes, int]]:
    """Return what is sent, and the status that it is to get."""
    long = b"x" * 300_000
    part = b"--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset=punycode\r\n\r\n"
    empty = b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n"
    multipart = "Content-Type: multipart/form-data; boundary=b\r\n"
    deflate = "Content-Encoding: deflate\r\n"
    return {
        "fields": (request_of("/form", "Content-Type: application/x-www-form-urlencoded\r\n", b"a&" * 400_000), 413),
        "parts": (request_of("/parts", multipart, empty * 12_000 + b"--b--\r\n"), 413),
        "unread": (request_of("/smoke-test", deflate, bomb()), 405),
        "unread and unknown": (request_of("/none", deflate, bomb()), 404),
        "read": (request_of("/take", deflate + "Content-Type: application/json\r\n", bomb()), 413),
        "punycode": (request_of("/take", "Content-Type: application/json; charset=punycode\r\n", long), 415),
        "semicolons": (request_of("/take", f"Content-Type: application/json{';' * 8000}\r\n", long), 415),
        "quotes": (request_of("/form", "Content-Type: " + '"' * 8000 + "\r\n", long), 200),
        "extended": (request_of("/take", "Content-Type: application/json;a*=punycode''x\r\n", long), 415),
        "a part": (
            request_of("/form", "Content-Type: multipart/form-data; boundary=b\r\n", part + long + b"\r\n--b--\r\n"),
            415,
        ),
    }


def sent(server: Server, data: bytes) -> int:
    """Send a request, and return the status of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(data)
        return int(client.recv(100).split()[1])


@contextmanager
def going_on(server: Server, data: bytes, statuses: set[int]) -> Iterator[None]:
    """Send the same again and again, by four clients at once, while the block runs."""
    over = threading.Event()

    def attack() -> None:
        while not over.is_set():
            statuses.add(sent(server, data))

    threads = [threading.Thread(target=attack) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.slow
def test_probes_are_answered_within_a_second_while_the_worst_bodies_come(project: Project) -> None:
    project.add_feature("things.py", FEATURE)
    with serving(cwd=project.path) as server:
        for name, (data, status) in attacks().items():
            statuses: set[int] = set()
            waits = []
            with going_on(server, data, statuses):
                for _ in range(20):
                    begin = time.monotonic()
                    assert server.get("/livez").status == 200
                    waits.append(time.monotonic() - begin)
            assert (name, statuses, max(waits) < 1) == (name, {status}, True)
        assert server.terminate() == 0


def test_no_user_of_a_real_server_gets_the_answer_of_another(project: Project) -> None:
    project.add_feature("things.py", FEATURE)
    with serving(cwd=project.path) as server:
        answers = [server.get("/show", headers={"Accept-Language": who}).json for who in ("de", "en", "de")]
    assert answers == [{"name": "de"}, {"name": "en"}, {"name": "de"}]
