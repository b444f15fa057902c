"""What a handler returns, turned into the response that its operation declares."""

from collections.abc import Mapping
from typing import NamedTuple

from aiohttp import web
from marshmallow import Schema

from petsage.http.documents import Documents
from petsage.http.encoding import BadAnswer


class Reply(NamedTuple):
    """An answer that needs more than a document: another status than the one success, or headers of its own."""

    document: object = None
    status: int | None = None
    headers: Mapping[str, str] | None = None


class Replies:
    """The answers of one operation, by status."""

    __slots__ = ("_by_status", "_name", "_success")

    def __init__(self, name: str, responses: Mapping[int, Schema | None], *, reuse: bool = False) -> None:
        self._name = name
        self._by_status = {status: Documents(status, schema, reuse=reuse) for status, schema in responses.items()}
        successes = [status for status in responses if is_success(status)]
        self._success = self._by_status[successes[0]] if len(successes) == 1 else None

    def respond(self, answered: object) -> web.StreamResponse:
        """Return the response; raises BadAnswer for what is not declared."""
        success = self._success
        if success is not None and answered is success.last:
            return success.kept.response()
        if isinstance(answered, web.StreamResponse):
            return answered
        return self._reply(answered if isinstance(answered, Reply) else Reply(answered))

    def _reply(self, reply: Reply) -> web.StreamResponse:
        try:
            return self._documents(reply.status).response(reply.document, reply.headers)
        except BadAnswer as error:
            raise BadAnswer(f"{self._name}: {error}") from error.__cause__

    def _documents(self, status: int | None) -> Documents:
        found = self._success if status is None else self._by_status.get(status)
        if found is not None:
            return found
        declared = ", ".join(map(str, self._by_status))
        if status is None:
            raise BadAnswer(f"no single success among {declared}: return a Reply that names its status")
        raise BadAnswer(f"status {status} is not declared, only {declared}")


def is_success(status: int) -> bool:
    """Tell whether a status is a success, 2xx."""
    return 200 <= status < 300  # noqa: PLR2004 (RFC 9110 section 15.3)
