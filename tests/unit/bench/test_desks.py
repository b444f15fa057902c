import ast
from pathlib import Path

from pytest_aiohttp import AiohttpClient

from bench.desks import desks
from petsage.app import create_app
from petsage.bootstrap import load
from tests.support.checkout import CHECKOUT


async def test_every_desk_is_served(tmp_path: Path, aiohttp_client: AiohttpClient) -> None:
    for name, source in desks(3).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    client = await aiohttp_client(create_app(load({"feature_paths": [str(tmp_path)]})))
    for number in range(3):
        answer = await client.get(f"/desk_{number}")
        message = f"PetSage desk_{number} is functional!"
        assert await answer.json() == {"status": "ok", "feature": f"desk_{number}", "message": message}
    assert (await client.get("/smoke-test")).status == 200
    assert (await client.get("/desk_3")).status == 404


def test_the_bench_imports_nothing_of_petsage_which_is_not_in_its_environment() -> None:
    folder = CHECKOUT / "bench"
    programs = [path for path in folder.rglob("*.py") if path.relative_to(folder).parts[0] != "features"]
    imported = {
        (path.name, node.module)
        for path in programs
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "petsage"
    }
    assert imported == set()
