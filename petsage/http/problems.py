"""Error responses: `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web
from marshmallow import INCLUDE, Schema, fields, post_dump, validate
from multidict import CIMultiDict

from petsage import PetSageError
from petsage.http.documents import to_bytes, to_lenient_json

MEDIA_TYPE = "application/problem+json"
HEADERS = CIMultiDict(
    {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
)
_RENAMED = {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}


def title_of(status: int) -> str:
    """Return the phrase of a status (RFC 9110, the same on every Python), or `Error` for a status without one."""
    try:
        return _RENAMED.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Error"


class ProblemError(PetSageError):
    """Error that is answered with a problem: an error status, a public detail, and further members of the document.

    `ref` are 8 hex digits that the log has too, for what the answer leaves out. Raise ValueError for a status below 400
    or above 599.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        ref: str | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        if not 400 <= status <= 599:  # noqa: PLR2004 (the error statuses of RFC 9110)
            raise ValueError(f"a problem has a status from 400 to 599, not {status}")
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.members = {"ref": ref, **members} if ref else members


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Error document that a handler returns; an empty `title` becomes the phrase of the status."""

    status: int
    detail: str
    instance: str | None = None
    title: str = ""
    type: str = "about:blank"
    ref: str | None = None
    errors: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", title_of(self.status))


class ProblemSchema(Schema):
    """Schema of an error document; subclass it to declare further members, which follow these.

    RFC 9457, section 3.2 allows unknown members in any problem.
    """

    class Meta(Schema.Meta):
        """Allows unknown members."""

        unknown = INCLUDE

    type = fields.String(required=True, metadata={"description": "Kind of problem, a URI", "example": "about:blank"})
    title = fields.String(required=True, metadata={"description": "Phrase of the status"})
    status = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=400, max=599),
        metadata={"description": "HTTP status of this answer"},
    )
    detail = fields.String(required=True, metadata={"description": "What is wrong here"})
    instance = fields.String(metadata={"description": "Requested path"})
    ref = fields.String(metadata={"description": "8 hex digits; the log has more under them"})
    errors = fields.Dict(keys=fields.String(), metadata={"description": "What is wrong in the input, by member"})

    @post_dump
    def leave_out_absent(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out members that are None."""
        return {name: value for name, value in data.items() if value is not None}


def encoded_problem(status: int, detail: str, members: Mapping[str, object] | None = None) -> bytes:
    """Return an error document as UTF-8; `members` follow the standard ones in the order given."""
    standard = {"type": "about:blank", "title": title_of(status), "status": status, "detail": detail}
    return to_bytes(to_lenient_json({**standard, **members} if members else standard))


def problem(
    request: web.BaseRequest,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> web.Response:
    """Return the error response to a request; `members` follow the standard ones in the order given."""
    body = encoded_problem(status, detail, {"instance": request.rel_url.raw_path, **members})
    all_headers = HEADERS
    if headers:
        all_headers = CIMultiDict(HEADERS)
        all_headers.update(headers)
    return web.Response(body=body, status=status, headers=all_headers)
