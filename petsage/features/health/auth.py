"""Authorization by bearer token (RFC 6750): for details, and for running checks on demand."""

from aiohttp import web
from aiohttp.hdrs import AUTHORIZATION

from petsage.features.health.settings import ALWAYS, MIN_TOKEN_LENGTH, HealthSettings
from petsage.http import ProblemError
from petsage.probes.cache import VARY

_CHALLENGE = 'Bearer realm="health", error="invalid_token"'


class Auth:
    """Compares the token of a request with the configured one, in constant time.

    Without a configured token no request is authorized, and none is refused. Between `Bearer` and the token are one or
    more spaces (RFC 9110, section 11.4); any other white space is part of the token, which makes it wrong. A request
    with two `Authorization` fields is wrong whatever they contain.
    """

    def __init__(self, settings: HealthSettings) -> None:
        self._open = settings.details == ALWAYS
        self._token = settings.token.reveal().encode() if settings.token is not None else None

    def sees_details(self, request: web.Request) -> bool:
        """Return whether reasons, observations and the identity may be shown. Never raises."""
        return self._open or self._bears_token(request)

    def refuse_wrong_token(self, request: web.Request) -> None:
        """Raise ProblemError 401 for a wrong token; a request without one is not wrong."""
        if self._token is not None and AUTHORIZATION in request.headers and not self._bears_token(request):
            headers = {"WWW-Authenticate": _CHALLENGE, "Vary": VARY}
            raise ProblemError(401, "the token in Authorization is not that of features.health.token", headers=headers)

    def require_token(self, request: web.Request) -> None:
        """Raise ProblemError 403 for a request without the token; a wrong one has been refused before."""
        if self._token is None:
            raise ProblemError(403, _NOT_CONFIGURED, headers={"Vary": VARY})
        if not self._bears_token(request):
            raise ProblemError(403, _NOT_SENT, headers={"Vary": VARY})

    def _bears_token(self, request: web.Request) -> bool:
        if self._token is None:
            return False
        from hmac import compare_digest  # noqa: PLC0415 (imported when the first token is sent)

        values = request.headers.getall(AUTHORIZATION, ())
        if len(values) != 1:
            return False  # which of two counts is not defined (RFC 9110, section 5.3)
        scheme, _, sent = values[0].partition(" ")
        sent_token = sent.lstrip(" ").encode("utf-8", "surrogatepass")
        return scheme.lower() == "bearer" and compare_digest(sent_token, self._token)


_NOT_CONFIGURED = (
    "running checks on demand needs a token, and none is configured: "
    f"set features.health.token, at least {MIN_TOKEN_LENGTH} characters, and send it as Authorization: Bearer TOKEN"
)
_NOT_SENT = "running checks on demand needs the token of features.health.token, sent as Authorization: Bearer TOKEN"
