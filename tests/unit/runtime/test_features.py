"""Features dropped into a folder: served, documented, smoke-tested; and broken ones beside them."""

import asyncio
import gc
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_aiohttp import AiohttpClient

from petsage.app import create_app, dry_run
from tests.support.features import GREETINGS, smoke_test_failures
from tests.support.project import Client, Project, StartApp


async def red(client: Client) -> None:
    async with asyncio.timeout(60):
        while (await client.get("/smoke-test")).status == 200:
            pass


async def test_one_file_is_served_documented_and_smoke_tested(project: Project, start_app: StartApp) -> None:
    project.add_feature("greetings.py", GREETINGS)
    client = await start_app()
    assert await (await client.get("/greetings/Ada")).text() == "hello Ada"
    document = await (await client.get("/openapi.json")).json()
    assert document["paths"]["/greetings/{name}"]["get"]["summary"] == "Say hello."
    assert (await client.get("/smoke-test")).status == 200


async def test_a_package_with_relative_imports_is_served(project: Project, start_app: StartApp) -> None:
    project.add_feature("orders/__init__.py", '"""Orders."""\nfrom .handlers import setup')
    project.add_feature("orders/handlers.py", GREETINGS)
    client = await start_app()
    assert await (await client.get("/greetings/Ada")).text() == "hello Ada"


async def test_private_names_tests_and_other_files_are_left_alone(project: Project, start_app: StartApp) -> None:
    for name in ("_private.py", ".hidden.py", "tests/__init__.py", "__pycache__/x.py", "notes.txt"):
        project.add_feature(name, "raise RuntimeError('imported')")
    client = await start_app()
    assert (await client.get("/smoke-test")).status == 200


BROKEN: dict[str, tuple[str, str, str]] = {
    "raises at import": ("raise ValueError('secret')", "import", "ValueError"),
    "exits at import": ("import sys; sys.exit(3)", "import", "SystemExit"),
    "interrupts at import": ("raise KeyboardInterrupt", "import", "KeyboardInterrupt"),
    "a syntax error": ("def", "import", "SyntaxError"),
    "imports what is not there": ("import no_such_thing", "import", "ModuleNotFoundError"),
    "has no setup": ("x = 1", "import", "it has no setup: write `def setup(core): return Contribution(…)`"),
    "a settings_schema that is a class": (
        "from marshmallow import Schema\nsettings_schema = Schema\ndef setup(core, settings): ...",
        "import",
        "its settings_schema must be an instance of a marshmallow Schema",
    ),
    "returns nothing": ("def setup(core): pass", "setup", "setup must return a Contribution, not NoneType"),
    "an async setup": (
        "async def setup(core): ...",
        "setup",
        "setup must be a plain function: write `def setup`, not `async def setup`",
    ),
    "wrong parts": (
        """
        from petsage.feature import Contribution
        def setup(core): return Contribution(routes=[1], lifespans=["x"])
        """,
        "setup",
        (
            "routes must hold AbstractRouteDef objects only, not int; "
            "lifespans must hold AbstractAsyncContextManager objects only, not str"
        ),
    ),
    "interrupts in setup": ("def setup(core): raise KeyboardInterrupt", "setup", "KeyboardInterrupt"),
    "exits in setup": ("import sys\ndef setup(core): sys.exit(1)", "setup", "SystemExit"),
    "says why in setup": (
        "from petsage.feature import FeatureFailed\ndef setup(core): raise FeatureFailed('install pillow')",
        "setup",
        "install pillow",
    ),
    "raises in a lifespan": (
        """
        from contextlib import asynccontextmanager
        from petsage.feature import Contribution
        @asynccontextmanager
        async def life():
            raise ConnectionError("postgres://me:hunter2@db")
            yield
        def setup(core): return Contribution(lifespans=[life()])
        """,
        "start",
        "ConnectionError",
    ),
    "hangs in a lifespan": (
        """
        import asyncio
        from contextlib import asynccontextmanager
        from petsage.feature import Contribution
        @asynccontextmanager
        async def life():
            await asyncio.Event().wait()
            yield
        def setup(core): return Contribution(lifespans=[life()])
        """,
        "start",
        "it did not start within 0.2 s",
    ),
    "exits in a lifespan": (
        """
        import sys
        from contextlib import asynccontextmanager
        from petsage.feature import Contribution
        @asynccontextmanager
        async def life():
            sys.exit(4)
            yield
        def setup(core): return Contribution(lifespans=[life()])
        """,
        "start",
        "SystemExit",
    ),
    "a path that is taken": (
        """
        from aiohttp import web
        from petsage.feature import Contribution
        async def mine(request): return web.Response()
        def setup(core): return Contribution(routes=[web.get("/mine", mine), web.get("/smoke-test", mine)])
        """,
        "mount",
        "GET /smoke-test is taken",
    ),
    "any method on a path that is taken": (
        """
        from aiohttp import web
        from petsage.feature import Contribution
        async def mine(request): return web.Response()
        def setup(core): return Contribution(routes=[web.route("*", "/smoke-test", mine)])
        """,
        "mount",
        "* /smoke-test is taken",
    ),
    "a path that differs in a variable only": (
        """
        from aiohttp import web
        from petsage.feature import Contribution
        async def mine(request): return web.Response()
        def setup(core): return Contribution(routes=[web.post("/p/{a}", mine), web.post("/p/{b}", mine)])
        """,
        "mount",
        "POST /p/{} is taken",
    ),
    "a path that is none": (
        """
        from aiohttp import web
        from petsage.feature import Contribution
        async def mine(request): return web.Response()
        def setup(core): return Contribution(routes=[web.get("/mine", mine), web.get("no-slash", mine)])
        """,
        "mount",
        "its route GET no-slash cannot be mounted: path should be started with / or be empty",
    ),
    "a handler that is not async": (
        """
        from aiohttp import web
        from petsage.feature import Contribution
        def mine(request): return web.Response()
        def setup(core): return Contribution(routes=[web.get("/mine", mine)])
        """,
        "mount",
        "the handler of GET /mine must be an `async def`",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_broken_feature_is_named_and_the_others_run_on(
    project: Project, start_app: StartApp, kind: str
) -> None:
    source, step, reason = BROKEN[kind]
    project.add_feature("broken.py", source)
    project.add_feature("greetings.py", GREETINGS)
    modules = set(sys.modules)
    client = await start_app(server={"start_timeout": "200ms"})
    assert await smoke_test_failures(client) == [{"feature": "broken", "step": step, "reason": reason}]
    assert await (await client.get("/greetings/Ada")).text() == "hello Ada"
    assert (await client.get("/mine")).status == 404
    if step == "import":
        assert not [name for name in set(sys.modules) - modules if name.endswith("_broken")]


@pytest.mark.parametrize("source", ["INTERRUPT", "def setup(core): INTERRUPT"])
def test_ctrl_c_while_a_feature_is_imported_or_set_up_is_not_its_failure(source: str, project: Project) -> None:
    project.add_feature("slow.py", source.replace("INTERRUPT", "__import__('signal').raise_signal(2)"))
    with pytest.raises(KeyboardInterrupt):
        dry_run(project.load())


async def test_the_log_has_the_whole_of_it_under_the_ref(
    project: Project, start_app: StartApp, caplog: pytest.LogCaptureFixture
) -> None:
    project.add_feature("broken.py", "raise ValueError('the whole of it')")
    client = await start_app()
    body = await (await client.get("/smoke-test")).json(content_type=None)
    (record,) = [record for record in caplog.records if record.name == "petsage.runtime.quarantine"]
    assert body["failures"][0]["ref"] in record.getMessage()
    assert "the whole of it" in logging.Formatter().format(record)
    assert "the whole of it" not in str(body)


async def test_an_optional_feature_in_quarantine_fails_no_probe(project: Project, start_app: StartApp) -> None:
    project.add_feature("broken.py", "raise ValueError")
    client = await start_app(features={"broken": {"required": False}})
    assert (await client.get("/smoke-test")).status == 200


async def test_a_disabled_feature_is_not_even_imported(project: Project, start_app: StartApp) -> None:
    project.add_feature("broken.py", "raise ValueError")
    client = await start_app(features={"broken": {"enabled": False}})
    assert (await client.get("/smoke-test")).status == 200


async def test_of_two_features_of_one_name_the_later_one_names_the_first(project: Project, start_app: StartApp) -> None:
    project.add_feature("greetings.py", GREETINGS)
    project.add_feature("greetings/__init__.py", GREETINGS)
    project.add_feature("smoke_test.py", GREETINGS)
    client = await start_app()
    taken = project.features / "greetings" / "__init__.py"
    assert await smoke_test_failures(client) == [
        {"feature": "greetings", "step": "import", "reason": f"the name 'greetings' is taken by {taken}"},
        {"feature": "smoke_test", "step": "import", "reason": "the name 'smoke_test' is taken by built-in"},
    ]
    assert (await client.get("/greetings/Ada")).status == 200


LATER = """
    import asyncio
    from contextlib import asynccontextmanager
    from aiohttp import web
    from petsage.feature import Contribution

    die = asyncio.Event()
    left = []

    async def child():
        await die.wait()
        raise OSError("the disk is gone")

    @asynccontextmanager
    async def outer():
        try:
            yield
        finally:
            left.append("outer")

    @asynccontextmanager
    async def life():
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(child())
                yield
        finally:
            left.append("life")

    async def kill(request):
        die.set()
        return web.Response(text="dying")

    def setup(core):
        return Contribution(routes=[web.get("/kill", kill)], lifespans=[outer(), life()])
"""


async def test_a_task_group_that_dies_later_takes_its_feature_down_and_nothing_else(
    project: Project, start_app: StartApp
) -> None:
    project.add_feature("doomed.py", LATER)
    project.add_feature("greetings.py", GREETINGS)
    client = await start_app()
    assert await (await client.get("/kill")).text() == "dying"
    await red(client)
    assert await smoke_test_failures(client) == [{"feature": "doomed", "step": "run", "reason": "OSError"}]
    gone = await client.get("/kill")
    body = await gone.json(content_type=None)
    assert (gone.status, body.pop("ref") != "") == (503, True)
    assert body == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "the feature 'doomed' has stopped; the log has the reason under this ref",
        "instance": "/kill",
    }
    assert (await client.get("/greetings/Ada")).status == 200
    module = next(module for name, module in sys.modules.items() if name.endswith("_doomed"))
    assert module.left == ["life", "outer"]


async def test_a_broken_feature_leaves_nothing_open(project: Project, start_app: StartApp) -> None:
    project.add_feature(
        "broken.py",
        """
        import asyncio
        from contextlib import asynccontextmanager
        from aiohttp import web
        from petsage.feature import Contribution
        held = []
        @asynccontextmanager
        async def life():
            held.append("open")
            try:
                yield
            finally:
                held.append("closed")
        @asynccontextmanager
        async def hangs():
            await asyncio.Event().wait()
            yield
        async def mine(request): return web.Response()
        def setup(core):
            return Contribution(lifespans=[life(), hangs()])
        """,
    )
    project.add_feature(
        "clashes.py",
        """
        from contextlib import asynccontextmanager
        from aiohttp import web
        from petsage.feature import Contribution
        held = []
        @asynccontextmanager
        async def life():
            held.append("open")
            yield
            held.append("closed")
        async def mine(request): return web.Response()
        def setup(core):
            return Contribution(routes=[web.get("/smoke-test", mine)], lifespans=[life()])
        """,
    )
    await start_app(server={"start_timeout": "100ms"})
    modules = [module for name, module in sys.modules.items() if name.endswith(("_broken", "_clashes"))]
    held = [module.held for module in modules if getattr(module, "__file__", "").startswith(str(project.path))]
    assert held == [["open", "closed"], ["open", "closed"]]


async def test_lifespans_are_left_in_reverse_order_when_the_server_stops(project: Project, start_app: StartApp) -> None:
    for name in ("a", "b"):
        project.add_feature(
            f"{name}.py",
            f"""
            from contextlib import asynccontextmanager
            from pathlib import Path
            from petsage.feature import Contribution
            @asynccontextmanager
            async def life(part):
                yield
                with Path({str(project.path / "left")!r}).open("a") as file: file.write("{name}" + part + " ")
            def setup(core): return Contribution(lifespans=[life("1"), life("2")])
            """,
        )
    client = await start_app()
    await client.close()
    assert (project.path / "left").read_text() == "b2 b1 a2 a1 "


async def test_two_apps_in_one_process_share_nothing(tmp_path: Path, aiohttp_client: Any) -> None:
    clients = []
    for word in ("one", "two"):
        folder = tmp_path / word
        folder.mkdir()
        project = Project(folder)
        project.add_feature("greetings.py", GREETINGS.replace("hello", word))
        if word == "two":
            project.add_feature("broken.py", "raise ValueError")
        clients.append(await aiohttp_client(create_app(project.load(features={"smoke_test": {"message": word}}))))
    assert await (await clients[0].get("/greetings/Ada")).text() == "one Ada"
    assert await (await clients[1].get("/greetings/Ada")).text() == "two Ada"
    assert (await (await clients[0].get("/smoke-test")).json())["message"] == "one"
    assert await smoke_test_failures(clients[1]) == [{"feature": "broken", "step": "import", "reason": "ValueError"}]
    await clients[1].close()
    assert (await clients[0].get("/smoke-test")).status == 200
    gc.collect()


CHECKED = """
    import asyncio
    from contextlib import asynccontextmanager
    from aiohttp import web
    from petsage.feature import CheckSpec, Contribution

    die = asyncio.Event()

    @asynccontextmanager
    async def life():
        async with asyncio.TaskGroup() as group:
            async def child():
                await die.wait()
                raise OSError
            group.create_task(child())
            yield

    class Pool:
        async def run(self):
            return {"connections": 3}

    async def kill(request):
        die.set()
        return web.Response()

    def setup(core):
        return Contribution(routes=[web.get("/kill", kill)], checks=[CheckSpec("pool", Pool())], lifespans=[life()])
"""


async def test_a_features_checks_are_run_under_its_name_tuned_by_the_configuration_and_end_with_it(
    project: Project, aiohttp_client: AiohttpClient
) -> None:
    project.add_feature("orders.py", CHECKED)
    loaded = project.load(checks={"orders.pool": {"severity": "degraded"}, "root": {"kind": "disk", "path": "/"}})
    client = await aiohttp_client(create_app(loaded))
    monitor = loaded.core.monitor()
    async with asyncio.timeout(60):
        assert {name: state.severity for name, state in (await monitor.fresh()).checks.items()} == {
            "root": "critical",
            "orders.pool": "degraded",
        }
        assert (await monitor.fresh()).checks["orders.pool"].observed == {"connections": 3}
        await client.get("/kill")
        await red(client)
    assert list(monitor.snapshot().checks) == ["root"]


async def test_a_feature_with_two_checks_of_a_name_is_named(project: Project, start_app: StartApp) -> None:
    project.add_feature(
        "twice.py", CHECKED.replace('checks=[CheckSpec("pool", Pool())]', 'checks=[CheckSpec("a", Pool())] * 2')
    )
    client = await start_app()
    assert await smoke_test_failures(client) == [
        {"feature": "twice", "step": "setup", "reason": "it has two checks named a"},
    ]


async def test_the_tuning_of_a_check_that_a_feature_does_not_bring_is_one_warning(
    project: Project, start_app: StartApp, caplog: pytest.LogCaptureFixture
) -> None:
    project.add_feature("orders.py", CHECKED)
    client = await start_app(checks={"orders.poool": {"interval": "1s"}, "orders.pool": {"interval": "2s"}})
    assert (await client.get("/smoke-test")).status == 200
    assert (await client.get("/readyz/orders.pool")).status in (200, 503)  # it is there, whatever its state
    assert [record.getMessage() for record in caplog.records if record.name == "petsage.runtime.instance"] == [
        ("checks.orders.poool overrides a check that orders does not have (did you mean 'orders.pool'?): ignored")
    ]
    await client.get("/kill")  # its lifespan would hold up the end for as long as it may
    await red(client)


ADDING = """
    import asyncio
    from contextlib import asynccontextmanager
    from aiohttp import web
    from petsage.feature import CheckSpec, Contribution

    async def holds():
        return True

    def setup(core):
        monitor, die = core.monitor(), asyncio.Event()

        @asynccontextmanager
        async def life():
            async def child():
                monitor.add(CheckSpec("of_a_task", holds))
                await die.wait()
                raise OSError("the disk is gone")
            monitor.add(CheckSpec("of_a_lifespan", holds))
            async with asyncio.TaskGroup() as group:
                group.create_task(child())
                await asyncio.sleep(0)
                {then}

        async def kill(request):
            monitor.add(CheckSpec("orders.of_a_handler", holds))
            die.set()
            return web.Response()

        return Contribution(routes=[web.get("/kill", kill)], checks=[CheckSpec("db", holds)], lifespans=[life()])
"""


async def test_the_checks_that_a_feature_adds_go_when_it_goes(project: Project, aiohttp_client: AiohttpClient) -> None:
    project.add_feature("orders.py", ADDING.replace("{then}", "yield"))
    loaded = project.load(checks={"root": {"kind": "disk", "path": "/"}})
    client = await aiohttp_client(create_app(loaded))
    monitor = loaded.core.monitor()
    assert list(monitor.snapshot().checks) == ["root", "of_a_lifespan", "of_a_task", "orders.db"]
    await client.get("/kill")
    async with asyncio.timeout(60):
        await red(client)
    assert list(monitor.snapshot().checks) == ["root"]
    assert (await client.get("/readyz/orders.db")).status == 404


@pytest.mark.parametrize(
    ("then", "step", "reason"),
    [
        ("raise OSError; yield", "start", "OSError"),
        (
            'monitor.add(CheckSpec("orders.db", holds)); yield',
            "mount",
            "check 'orders.db': two checks have this name: an unnamed place and PLACE",
        ),
    ],
)
async def test_what_a_feature_adds_before_it_fails_to_start_goes_as_well(
    project: Project, aiohttp_client: AiohttpClient, then: str, step: str, reason: str
) -> None:
    place = project.add_feature("orders.py", ADDING.replace("{then}", then))
    loaded = project.load(checks={"root": {"kind": "disk", "path": "/"}})
    client = await aiohttp_client(create_app(loaded))
    assert await smoke_test_failures(client) == [
        {"feature": "orders", "step": step, "reason": reason.replace("PLACE", str(place))}
    ]
    assert list(loaded.core.monitor().snapshot().checks) == ["root"]


async def test_the_requests_id_is_echoed_on_a_stream_as_on_any_answer(project: Project, start_app: StartApp) -> None:
    project.add_feature(
        "streams.py",
        """
        from aiohttp import web
        from petsage.feature import Contribution
        async def stream(request):
            response = web.StreamResponse()
            await response.prepare(request)
            await response.write(b"tick")
            return response
        def setup(core): return Contribution(routes=[web.get("/stream", stream)])
        """,
    )
    client = await start_app()
    for path in ("/stream", "/smoke-test", "/nope"):
        answer = await client.get(path, headers={"X-Request-ID": "from-the-client"})
        assert answer.headers["X-Request-ID"] == "from-the-client"
        assert "X-Request-ID" not in (await client.get(path)).headers
