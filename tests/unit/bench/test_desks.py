from pathlib import Path

from pytest_aiohttp import AiohttpClient

from bench.desks import desks
from petsage.app import create_app
from petsage.bootstrap import load


async def test_every_desk_is_served(tmp_path: Path, aiohttp_client: AiohttpClient) -> None:
    for name, source in desks(3).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    client = await aiohttp_client(create_app(load({"feature_paths": [str(tmp_path)]})))
    for number in range(3):
        answer = await client.get(f"/desk-{number}")
        message = f"PetSage desk {number} is functional!"
        assert await answer.json() == {"status": "ok", "feature": f"desk_{number}", "message": message}
    assert (await client.get("/smoke-test")).status == 200
    assert (await client.get("/desk-3")).status == 404
