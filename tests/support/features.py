"""Source of a small feature, and the failures that the smoke test reports."""

from typing import Any

GREETINGS = '''
    """Greets."""
    from aiohttp import web
    from petsage.feature import Contribution

    async def greet(request: web.Request) -> web.Response:
        """Say hello."""
        return web.Response(text="hello " + request.match_info["name"])

    def setup(core):
        return Contribution(routes=[web.get("/greetings/{name}", greet)])
'''


async def smoke_test_failures(client: Any) -> list[dict[str, Any]]:
    """Return the failures of a failing smoke test without their refs, each of which must be 8 hex digits."""
    answer = await client.get("/smoke-test")
    assert answer.status == 503
    body = await answer.json(content_type=None)
    for failure in body["failures"]:
        ref = failure.pop("ref")
        assert len(ref) == 8
        assert int(ref, 16) >= 0
    return list(body["failures"])
