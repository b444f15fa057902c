"""Adding a feature touches one folder: its own. Removing the folder removes the feature."""

import shutil
from pathlib import Path

from tests.support.project import Project, StartApp

ORDERS = {
    "__init__.py": '"""Orders of customers."""\n\nfrom .settings import settings_schema\nfrom .setup import setup\n',
    "settings.py": """
        from marshmallow import Schema, fields

        class OrdersSettings(Schema):
            currency = fields.String(load_default="EUR")

        settings_schema = OrdersSettings()
    """,
    "setup.py": """
        from contextlib import asynccontextmanager

        from aiohttp import web

        from petsage.feature import CheckSpec, Contribution

        def setup(core, settings):
            stock = []

            @asynccontextmanager
            async def database():
                stock.append("ball")
                yield
                stock.clear()

            async def listing(request):
                '''List what can be ordered.'''
                return web.json_response({"stock": stock, "currency": settings["currency"]})

            async def database_answers():
                return bool(stock)

            return Contribution(
                routes=[web.get("/orders", listing)],
                checks=[CheckSpec("database", database_answers)],
                lifespans=[database()],
            )
    """,
}


def files(project: Project) -> set[Path]:
    return {path for path in project.path.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


async def test_a_folder_adds_routes_settings_checks_lifespans_and_documentation(
    project: Project, start_app: StartApp
) -> None:
    for name, source in ORDERS.items():
        project.add_feature(f"orders/{name}", source)
    assert {path.parent for path in files(project)} == {project.features / "orders"}
    client = await start_app()
    assert await (await client.get("/orders")).json() == {"stock": ["ball"], "currency": "EUR"}
    document = await (await client.get("/openapi.json")).json()
    assert document["paths"]["/orders"]["get"]["summary"] == "List what can be ordered."
    assert "orders.database" in await (await client.get("/readyz?verbose")).text()
    assert (await client.get("/smoke-test")).status == 200


async def test_its_section_of_the_configuration_is_read_by_its_own_schema(
    project: Project, start_app: StartApp
) -> None:
    for name, source in ORDERS.items():
        project.add_feature(f"orders/{name}", source)
    client = await start_app(features={"orders": {"currency": "CHF"}})
    assert (await (await client.get("/orders")).json())["currency"] == "CHF"


async def test_without_its_folder_it_is_not_served(project: Project, start_app: StartApp) -> None:
    for name, source in ORDERS.items():
        project.add_feature(f"orders/{name}", source)
    shutil.rmtree(project.features / "orders")
    client = await start_app()
    assert (await client.get("/orders")).status == 404
    assert "orders" not in await (await client.get("/readyz?verbose")).text()
    assert (await client.get("/smoke-test")).status == 200
