"""Middleware: request ids, limits of bodies, and errors as problems (RFC 9457)."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from petsage.http._aiohttp import LazyResponse
from petsage.http.body_streams import close_unread
from petsage.http.problems import ProblemError, problem, title_of
from petsage.http.request_id import HEADER, set_request_id
from petsage.http.requests import limit_request
from petsage.logs import get_logger
from petsage.text import new_ref, printable
from petsage.untrusted import is_a, is_raised_by_signal

logger = get_logger("petsage.http")
_BAD_REQUEST = 400
_CLIENT_CLOSED = 499  # nginx's status, only seen in the access log
_WHOLE = (web.Response, LazyResponse)
_BODY_HEADERS = ("content-", "transfer-", "set-cookie")


@web.middleware
async def problem_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into problems, limit bodies, and echo `X-Request-ID`.

    An unexpected exception is logged once with its traceback and a ref; the client gets the ref only. Cancellation and
    redirects are passed on. A body is limited to `client_max_size`, however it is read, and one that is not read to its
    end closes the connection.
    """
    request_id = set_request_id(request)
    has_body = (request.can_read_body or hdrs.CONTENT_TYPE in request.headers) and limit_request(request)
    try:
        response = await handler(request)
        if type(response) not in _WHOLE or response.status >= _BAD_REQUEST:
            response = _checked(request, response)
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except BaseException as error:  # SystemExit of a handler would end the server
        if is_raised_by_signal(error):
            raise
        response = _error_response(request, error)
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
        raise TypeError(f"the handler returned {type(response).__name__}, which is not a response")
    bare = type(response) is web.Response and not response.body and "Content-Type" not in response.headers
    if bare and response.status >= _BAD_REQUEST:
        return problem(
            request, response.status, title_of(response.status), headers=_without_body_headers(response.headers)
        )
    return response


def _error_response(request: web.Request, error: BaseException) -> web.StreamResponse:
    if request.writer.output_size > 0:
        return _interrupted(request, error)
    if is_a(error, web.HTTPException):
        return _of_http_exception(request, error)
    if is_a(error, ProblemError):
        return problem(request, error.status, error.detail, headers=error.headers, **error.members)
    if is_a(error, web.RequestPayloadError):
        return _unreadable(request)
    if is_a(error, ConnectionError) and _is_closed(request):
        return _client_closed(request)
    ref = _log_error(request, error)
    return problem(request, 500, f"something went wrong here; the log has it under {ref}", ref=ref)


def _of_http_exception(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    own_form = error.content_type not in ("text/plain", "application/octet-stream")
    if error.status < _BAD_REQUEST or (own_form and error.body):
        return error
    return problem(request, error.status, _detail(request, error), headers=_without_body_headers(error.headers))


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


def _without_body_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not name.lower().startswith(_BODY_HEADERS)}


def _unreadable(request: web.Request) -> web.Response:
    # where the next request would start is unknown
    detail = "the body does not match its Content-Encoding or Transfer-Encoding"
    response = problem(request, 400, detail, headers={"Connection": "close"})
    response.force_close()
    return response


def _is_closed(request: web.BaseRequest) -> bool:
    return request.transport is None or request.transport.is_closing()


def _client_closed(request: web.BaseRequest) -> web.Response:
    logger.debug("%s %s: the client closed the connection", request.method, printable(request.rel_url.raw_path))
    return web.Response(status=_CLIENT_CLOSED, reason="Client Closed Request")


def _interrupted(request: web.BaseRequest, error: BaseException) -> web.StreamResponse:
    # too late for another response: closing the connection shows the client that this one is incomplete
    if is_a(error, ConnectionError) and _is_closed(request):
        return _client_closed(request)
    ref = _log_error(request, error)
    if request.transport is not None:
        request.transport.close()
    return problem(request, 500, "the response was interrupted by an error", ref=ref)


def _log_error(request: web.BaseRequest, error: BaseException) -> str:
    ref = new_ref()
    where = f"{printable(request.method)} {printable(request.rel_url.raw_path)}"
    logger.error("%s failed (ref %s)", where, ref, exc_info=error, extra={"ref": ref})
    return ref
