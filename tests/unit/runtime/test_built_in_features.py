"""`features.NAME.built_in: false` leaves PetSage's own feature out, and another may have its name."""

from tests.support.project import Project, StartApp

OTHER = """
    from aiohttp import web
    from marshmallow import Schema, fields
    from petsage.feature import Contribution

    class Settings(Schema):
        greeting = fields.String(load_default="hello")

    settings_schema = Settings()

    def setup(core, settings):
        async def show(request): return web.Response(text=settings["greeting"])
        return Contribution(routes=[web.get("/smoke-test", show)])
"""


async def test_a_folders_feature_takes_its_place_with_settings_of_its_own(
    project: Project, start_app: StartApp
) -> None:
    path = project.add_feature("smoke_test.py", OTHER)
    client = await start_app(features={"smoke_test": {"built_in": False, "greeting": "mine"}})
    assert await (await client.get("/smoke-test")).text() == "mine"
    found = project.load(features={"smoke_test": {"built_in": False}}).features
    assert [(feature.origin, feature.enabled) for feature in found if feature.name == "smoke_test"] == [
        ("built-in", False),
        (str(path), True),
    ]


async def test_otherwise_the_name_is_taken(project: Project, start_app: StartApp) -> None:
    project.add_feature("smoke_test.py", OTHER)
    client = await start_app()
    answer = await client.get("/smoke-test")
    failures = (await answer.json(content_type=None))["failures"]
    assert [(one["feature"], one["step"], one["reason"]) for one in failures] == [
        ("smoke_test", "import", "the name 'smoke_test' is taken by built-in")
    ]


async def test_alone_it_is_left_out_like_a_disabled_one(start_app: StartApp) -> None:
    client = await start_app(features={"smoke_test": {"built_in": False}})
    assert (await client.get("/smoke-test")).status == 404


async def test_disabled_means_all_of_the_name(project: Project, start_app: StartApp) -> None:
    project.add_feature("smoke_test.py", OTHER)
    client = await start_app(features={"smoke_test": {"enabled": False, "built_in": False}})
    assert (await client.get("/smoke-test")).status == 404
