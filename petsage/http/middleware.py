"""The middleware that gives every request an id and every error the form of RFC 9457."""

from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from petsage.http.body_streams import close_unread
from petsage.http.cached_response import CachedWebResponse
from petsage.http.guarded_request import guard
from petsage.http.problems import ProblemError, problem, title_of
from petsage.http.request_id import HEADER, begin
from petsage.logs import get_logger
from petsage.text import new_ref, printable

_LOG = get_logger("petsage.http")
_FIRST_ERROR = 400
_CLIENT_GONE = 499  # nginx's word for it; it never reaches anyone but the access log
_WHOLE = (web.Response, CachedWebResponse)
_ABOUT_THE_BODY = ("content-", "transfer-", "set-cookie")


@web.middleware
async def problem_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request: errors leave as problems, `X-Request-ID` is echoed.

    An exception that nobody expected is logged once with its traceback and a ref, and the client gets the ref only.
    Cancellation and redirects pass. A body is bounded by `client_max_size` in whichever way it is read, and what is not
    read of it ends the connection.
    """
    request_id = begin(request)
    has_body = (request.can_read_body or hdrs.CONTENT_TYPE in request.headers) and guard(request)
    try:
        response = await handler(request)
        if type(response) not in _WHOLE or response.status >= _FIRST_ERROR:
            response = _checked(request, response)
    except Exception as error:
        response = _refusal(request, error)
        if isinstance(response, Exception):
            if request_id.known is not None:
                response.headers[HEADER] = request_id.known
            if has_body:
                close_unread(request, response)
            raise
    if request_id.known is not None:
        response.headers[HEADER] = request_id.known
    if has_body:
        close_unread(request, response)
    return response


def _checked(request: web.BaseRequest, response: object) -> web.StreamResponse:
    if isinstance(response, web.HTTPException):
        raise response
    if not isinstance(response, web.StreamResponse):
        raise TypeError(f"the handler returned {type(response).__name__}, which is no response")
    bare = type(response) is web.Response and not response.body and "Content-Type" not in response.headers
    if bare and response.status >= _FIRST_ERROR:
        return problem(request, response.status, title_of(response.status), headers=_kept(response.headers))
    return response


def _refusal(request: web.Request, error: Exception) -> web.StreamResponse:
    if request.writer.output_size > 0:
        return _broken(request, error)
    if isinstance(error, web.HTTPException):
        return _of_http_exception(request, error)
    if isinstance(error, ProblemError):
        return problem(request, error.status, error.detail, headers=error.headers, **error.members)
    if isinstance(error, web.RequestPayloadError):
        return _unreadable(request)
    if isinstance(error, ConnectionError) and _gone(request):
        return _client_gone(request)
    ref = _logged(request, error)
    return problem(request, 500, f"something went wrong here; the log has it under {ref}", ref=ref)


def _of_http_exception(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    own_form = error.content_type not in ("text/plain", "application/octet-stream")
    if error.status < _FIRST_ERROR or (own_form and error.body):
        return error
    return problem(request, error.status, _detail(request, error), headers=_kept(error.headers))


def _detail(request: web.Request, error: web.HTTPException) -> str:
    if error.text and error.text != f"{error.status}: {error.reason}":
        return error.text
    if error.reason != _phrase(error.status):
        return error.reason
    if isinstance(error, web.HTTPMethodNotAllowed):
        return f"{error.method} is not allowed here, only {', '.join(sorted(error.allowed_methods))}"
    if isinstance(error, web.HTTPNotFound):
        return f"nothing is served at {request.rel_url.raw_path}"
    return title_of(error.status)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in list(HTTPStatus) else ""


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not name.lower().startswith(_ABOUT_THE_BODY)}


def _unreadable(request: web.Request) -> web.Response:
    # Where the next request would start is unknown, so none is read.
    detail = "the body does not match its Content-Encoding or Transfer-Encoding"
    response = problem(request, 400, detail, headers={"Connection": "close"})
    response.force_close()
    return response


def _gone(request: web.BaseRequest) -> bool:
    return request.transport is None or request.transport.is_closing()


def _client_gone(request: web.BaseRequest) -> web.Response:
    _LOG.debug("%s %s: the client went away", request.method, printable(request.rel_url.raw_path))
    return web.Response(status=_CLIENT_GONE, reason="Client Closed Request")


def _broken(request: web.BaseRequest, error: Exception) -> web.StreamResponse:
    # Too late for an answer: what was sent stays incomplete, and the closed connection says so.
    if isinstance(error, ConnectionError) and _gone(request):
        return _client_gone(request)
    ref = _logged(request, error)
    if request.transport is not None:
        request.transport.close()
    return problem(request, 500, "the answer broke in the middle", ref=ref)


def _logged(request: web.BaseRequest, error: Exception) -> str:
    ref = new_ref()
    where = f"{printable(request.method)} {printable(request.rel_url.raw_path)}"
    _LOG.error("%s failed (ref %s)", where, ref, exc_info=error, extra={"ref": ref})
    return ref
