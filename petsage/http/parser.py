"""webargs, taught to say what is wrong; imported only when a request with inputs arrives."""

from typing import Any, NoReturn

from aiohttp import web
from marshmallow import EXCLUDE, Schema, ValidationError
from webargs.aiohttpparser import AIOHTTPParser

from petsage.http.body import read_json


class Parser(AIOHTTPParser):
    """Reads the places of a request: `body`, `query`, `path` and `headers`.

    Members that a schema does not know are passed over everywhere but in a body, where the schema decides.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {"body": None, "query": EXCLUDE, "path": EXCLUDE, "headers": EXCLUDE}  # noqa: RUF012 (webargs' own attribute)
    __location_map__ = {  # noqa: RUF012 (webargs' own attribute)
        "body": "load_body",
        "query": "load_querystring",
        "path": "load_match_info",
        "headers": "load_headers",
    }

    async def load_body(self, request: web.Request, schema: Schema) -> Any:  # noqa: ARG002 (webargs' signature)
        """Return the JSON value that the request carries."""
        return await read_json(request)

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Pass the messages on as they are, under the name of their place."""
        raise error
