"""Features and folders that misbehave: the others are served."""

import asyncio
import logging
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

from petsage.app import create_app
from petsage.bootstrap import load
from tests.support.features import GREETINGS, smoke_test_failures
from tests.support.project import Project, StartApp

HEAD = """
    import asyncio, sys
    from contextlib import asynccontextmanager
    from aiohttp import web
    from petsage.feature import Contribution, FeatureFailed

    async def mine(request):
        return web.Response(text="mine")
"""


def feature(source: str) -> str:
    return dedent(HEAD) + dedent(source)


HOSTILE: dict[str, tuple[str, str, str]] = {
    "an error whose repr raises": (
        """
        class Evil(Exception):
            def __repr__(self): raise RuntimeError
            __str__ = __repr__
        def setup(core): raise Evil
        """,
        "setup",
        "Evil",
    ),
    "a failure whose text raises": (
        """
        class Evil(FeatureFailed):
            def __str__(self): raise ValueError
        raise Evil("never shown")
        """,
        "import",
        "Evil",
    ),
    "an error whose text exits": (
        """
        class Evil(Exception):
            def __str__(self): raise SystemExit(3)
        def setup(core): raise Evil
        """,
        "setup",
        "Evil",
    ),
    "an error whose class has no readable name": (
        """
        class Meta(type):
            @property
            def __name__(cls): raise ValueError
        class Evil(Exception, metaclass=Meta):
            @property
            def __class__(self): raise ValueError
        def setup(core): raise Evil
        """,
        "setup",
        "Evil",
    ),
    "a group whose members cannot be read": (
        """
        class Evil(BaseExceptionGroup):
            @property
            def exceptions(self): raise ValueError
        def setup(core): raise Evil("x", [SystemExit(), KeyboardInterrupt()])
        """,
        "setup",
        "Evil",
    ),
    "a route that cancels when it is mounted, and has no text": (
        """
        class Evil(web.AbstractRouteDef):
            def __str__(self): raise SystemExit
            def register(self, router): raise asyncio.CancelledError
        def setup(core): return Contribution(routes=[web.get("/mine", mine), Evil()])
        """,
        "mount",
        "its route Evil cannot be mounted: CancelledError",
    ),
    "a route that exits when it is mounted": (
        """
        class Evil(web.AbstractRouteDef):
            def __repr__(self): return "evil"
            def register(self, router): raise SystemExit(3)
        def setup(core): return Contribution(routes=[Evil()])
        """,
        "mount",
        "its route evil cannot be mounted: 3",
    ),
    "a failure without a text": ("def setup(core): raise FeatureFailed", "setup", "FeatureFailed"),
    "a lone route": (
        "def setup(core): return Contribution(routes=web.get('/mine', mine), lifespans=3)",
        "setup",
        "lifespans must hold AbstractAsyncContextManager objects only, not int",
    ),
    "a path that is no text": (
        "def setup(core): return Contribution(routes=[web.get('/mine', mine), web.get(5, mine)])",
        "mount",
        "its route GET 5 cannot be mounted: 'int' object has no attribute 'startswith'",
    ),
    "a route definition that raises": (
        """
        class Odd(web.AbstractRouteDef):
            def __repr__(self): return "odd"
            def register(self, router): raise KeyError("odd")
        def setup(core): return Contribution(routes=[web.get("/mine", mine), Odd()])
        """,
        "mount",
        "its route odd cannot be mounted: 'odd'",
    ),
    "HEAD where GET answers it": (
        "def setup(core): return Contribution(routes=[web.head('/greetings/{who}', mine)])",
        "mount",
        "HEAD /greetings/{} is taken",
    ),
    "a route name that is taken, on the same path": (
        "def setup(core): return Contribution(routes=[web.put('/named', mine, name='one')])",
        "mount",
        "the route name 'one' is taken",
    ),
    "a route name that is taken, on another path": (
        "def setup(core): return Contribution(routes=[web.get('/mine', mine, name='one')])",
        "mount",
        "the route name 'one' is taken",
    ),
    "all that is taken is said at once": (
        """
        def setup(core):
            return Contribution(routes=[
                web.post("/smoke-test", mine), web.view("/named", web.View), web.get("/docs/{a:.*}", mine, name="one"),
                web.get("/smoke-test", mine),
            ])
        """,
        "mount",
        "* /named is taken; GET /docs/{} is taken; GET /smoke-test is taken; the route name 'one' is taken",
    ),
    "static files of a folder that is not there": (
        "def setup(core): return Contribution(routes=[web.get('/mine', mine), web.static('/s', '/no/such')])",
        "mount",
        "its route <StaticDef /s -> /no/such> cannot be mounted: '/no/such' does not exist",
    ),
    "a lifespan that swallows its end": (
        """
        class Life:
            async def __aenter__(self): raise SystemExit(3)
            async def __aexit__(self, *error): return True
        class Swallows(Life):
            async def __aenter__(self): return self
        def setup(core): return Contribution(lifespans=[Swallows(), Life()])
        """,
        "start",
        "its lifespan ended by itself",
    ),
    "a lifespan that cannot be cancelled": (
        """
        @asynccontextmanager
        async def life():
            while True:
                try: await asyncio.sleep(100)
                except asyncio.CancelledError:
                    if released.is_set(): raise
            yield
        released = asyncio.Event()
        def setup(core): return Contribution(lifespans=[life()])
        """,
        "start",
        "it did not start within 0.2 s",
    ),
    "a lifespan that comes up after all, once it is cancelled": (
        """
        @asynccontextmanager
        async def life():
            try: await asyncio.sleep(100)
            except asyncio.CancelledError: pass
            yield
        def setup(core): return Contribution(routes=[web.get("/mine", mine)], lifespans=[life()])
        """,
        "start",
        "it did not start within 0.2 s",
    ),
    "a lifespan that cancels whoever entered it": (
        """
        @asynccontextmanager
        async def life():
            asyncio.current_task().cancel()
            yield
        def setup(core): return Contribution(lifespans=[life()])
        """,
        "run",
        "CancelledError",
    ),
}
NAMED = feature("def setup(core): return Contribution(routes=[web.get('/named', mine, name='one')])")


async def named(client: Any, count: int = 1) -> list[dict[str, Any]]:
    """Wait until so many features are down, and return what the smoke test says of them."""
    async with asyncio.timeout(60):
        while (await client.get("/smoke-test")).status == 200:
            pass
        while len(found := await smoke_test_failures(client)) < count:
            pass
    return found


@pytest.mark.parametrize("kind", HOSTILE)
async def test_the_other_features_are_served(project: Project, start_app: StartApp, kind: str) -> None:
    source, step, reason = HOSTILE[kind]
    project.add_feature("greetings.py", GREETINGS)
    project.add_feature("a_name.py", NAMED)
    project.add_feature("hostile.py", feature(source))
    start_timeout = "200ms" if reason.endswith("within 0.2 s") else "1m"
    client = await start_app(server={"start_timeout": start_timeout, "shutdown": "200ms"})
    assert await named(client) == [{"feature": "hostile", "step": step, "reason": reason}]
    assert await (await client.get("/greetings/Ada")).text() == "hello Ada"
    assert await (await client.get("/named")).text() == "mine"
    assert (await client.get("/mine")).status == 404
    for module in [module for name, module in sys.modules.items() if name.endswith("_hostile")]:
        getattr(module, "released", asyncio.Event()).set()


async def test_two_that_die_at_once_are_both_named(project: Project, start_app: StartApp) -> None:
    for name in ("one", "two"):
        project.add_feature(f"{name}.py", feature(HOSTILE["a lifespan that cancels whoever entered it"][0]))
    client = await start_app()
    reason = {"step": "run", "reason": "CancelledError"}
    assert await named(client, 2) == [{"feature": "one", **reason}, {"feature": "two", **reason}]


async def test_routes_may_come_from_a_generator_and_a_lifespan_that_is_named_twice_is_entered_once(
    project: Project, start_app: StartApp
) -> None:
    project.add_feature(
        "lazy.py",
        feature(
            """
            entered = []
            @asynccontextmanager
            async def life():
                entered.append("entered")
                yield
            async def count(request): return web.json_response(entered)
            def setup(core):
                pool = life()
                return Contribution(routes=(web.get(p, count) for p in ["/a", "/b"]), lifespans=[pool, pool])
            """
        ),
    )
    client = await start_app()
    assert (await client.get("/smoke-test")).status == 200
    assert await (await client.get("/b")).json() == ["entered"]


async def test_class_based_views_and_static_files_are_served(project: Project, start_app: StartApp) -> None:
    (project.path / "page.txt").write_text("a page")
    project.add_feature(
        "pages.py",
        feature(
            f"""
            class Shop(web.View):
                async def get(self): return web.Response(text="shop")
            files = web.static("/files", {str(project.path)!r})
            def setup(core): return Contribution(routes=[web.view("/shop", Shop), files])
            """
        ),
    )
    client = await start_app()
    assert await (await client.get("/shop")).text() == "shop"
    refused = await client.post("/shop")
    assert (refused.status, refused.headers["Allow"], refused.content_type) == (405, "GET", "application/problem+json")
    assert await (await client.get("/files/page.txt")).text() == "a page"
    assert (await client.get("/openapi.json")).status == 200


async def test_a_feature_that_hangs_at_the_end_takes_no_time_of_the_others(
    project: Project, start_app: StartApp
) -> None:
    project.add_feature(
        "a.py",
        feature(
            f"""
            @asynccontextmanager
            async def life():
                yield
                open({str(project.path / "left")!r}, "w").close()
            def setup(core): return Contribution(lifespans=[life()])
            """
        ),
    )
    project.add_feature(
        "b_hangs.py",
        feature(
            """
            @asynccontextmanager
            async def life():
                yield
                await asyncio.sleep(100)
            def setup(core): return Contribution(lifespans=[life()])
            """
        ),
    )
    client = await start_app(server={"shutdown": "100ms"})
    await client.close()
    assert (project.path / "left").exists()


async def test_imports_at_call_time_work_while_another_process_reads_the_folder(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    first, second = Project(_made(tmp_path / "first")), Project(_made(tmp_path / "second"))
    second.add_feature(
        "lazy/__init__.py",
        feature("""
        async def show(request):
            from .late import word
            return web.Response(text=word)
        def setup(core): return Contribution(routes=[web.get("/lazy", show)])
    """),
    )
    second.add_feature("lazy/late.py", "word = 'late'")
    first.add_feature("lazy.py", NAMED)
    client = await aiohttp_client(create_app(second.load()))
    other = await aiohttp_client(create_app(load({"feature_paths": [str(first.features), str(second.features)]})))
    taken = str(first.features / "lazy.py")
    assert await smoke_test_failures(other) == [
        {"feature": "lazy", "step": "import", "reason": f"the name 'lazy' is taken by {taken}"}
    ]
    assert await (await client.get("/lazy")).text() == "late"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def test_a_module_that_puts_another_in_its_place_is_that_one(project: Project, start_app: StartApp) -> None:
    project.add_feature(
        "swaps.py",
        """
        import sys, types
        module = sys.modules[__name__] = types.ModuleType("other")
        def setup(core):
            from petsage.feature import Contribution
            return Contribution()
        module.setup = setup
        del setup
    """,
    )
    client = await start_app()
    assert (await client.get("/smoke-test")).status == 200


async def test_a_folder_that_is_named_twice_is_searched_once(project: Project, aiohttp_client: AiohttpClient) -> None:
    project.add_feature("greetings.py", GREETINGS)
    (project.path / "link").symlink_to(project.features)
    paths = [project.features, project.path / "link", project.path / "features" / ".." / "features"]
    loaded = load({"feature_paths": [str(path) for path in paths]})
    client = await aiohttp_client(create_app(loaded))
    assert await (await client.get("/greetings/Ada")).text() == "hello Ada"
    inventory = loaded.core.inventory()
    assert [entry.origin for entry in inventory if entry.name == "greetings"] == [
        str(project.features / "greetings.py")
    ]


async def test_a_symlink_is_followed_and_one_into_nowhere_named(project: Project, start_app: StartApp) -> None:
    (project.path / "elsewhere").mkdir()
    (project.path / "elsewhere" / "real.py").write_text(dedent(GREETINGS))
    (project.features / "greetings.py").symlink_to(project.path / "elsewhere" / "real.py")
    (project.features / "gone.py").symlink_to(project.path / "nowhere.py")
    client = await start_app()
    assert await smoke_test_failures(client) == [{"feature": "gone", "step": "import", "reason": "FileNotFoundError"}]
    assert (await client.get("/greetings/Ada")).status == 200


@pytest.mark.parametrize(
    ("name", "shown"),
    [("größe", None), ("no-name", "no-name"), ("line\nbreak", "line\nbreak"), ("caf\udce9", "caf\udce9")],
    ids=["a letter", "a dash", "a newline", "no UTF-8"],
)
async def test_names_of_files_are_taken_as_they_are(
    project: Project, start_app: StartApp, caplog: pytest.LogCaptureFixture, name: str, shown: str | None
) -> None:
    caplog.set_level(logging.CRITICAL)  # what is captured is sent between processes, and must be UTF-8 for that
    project.add_feature(f"{name}.py", GREETINGS)
    client = await start_app()
    answer = await client.get("/smoke-test")
    if shown is None:
        assert (answer.status, (await client.get("/greetings/Ada")).status) == (200, 200)
    else:
        assert answer.status == 503
        assert "is not a Python identifier: rename it" in await answer.text()


async def test_a_core_can_be_started_once(project: Project, aiohttp_client: AiohttpClient) -> None:
    loaded = project.load()
    client = await aiohttp_client(create_app(loaded))
    await client.close()
    runner = web.AppRunner(create_app(loaded))
    with pytest.raises(RuntimeError, match="a Core can be started once"):
        await runner.setup()
    await runner.cleanup()


async def test_broken_metadata_of_a_distribution_hides_no_other_feature(
    project: Project, aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = _made(project.path / "site")
    for name, entry_points in {
        "broken": b"[petsage.features]\nno equals sign\n\xff",
        "whole": b"[petsage.features]\nhi = hi_feature\n",
    }.items():
        metadata = _made(site / f"{name}-1.0.dist-info")
        (metadata / "entry_points.txt").write_bytes(entry_points)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    bare = _made(site / "bare-1.0.dist-info")
    (bare / "entry_points.txt").write_text("[petsage.features]\nnameless = no_such_module\n")
    (site / "hi_feature.py").write_text(dedent(GREETINGS))
    monkeypatch.syspath_prepend(site)
    loaded = project.load(features={"nameless": {"required": False}})
    client = await aiohttp_client(create_app(loaded))
    assert (await client.get("/smoke-test")).status == 200
    assert await (await client.get("/greetings/Ada")).text() == "hello Ada"
    inventory = loaded.core.inventory()
    origins = {entry.name: entry.origin for entry in inventory if entry.origin != "built-in"}
    assert origins == {"hi": "whole (hi_feature)", "nameless": "no_such_module"}
