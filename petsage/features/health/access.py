"""Who may see details, and who may have checks run: the bearer of the token (RFC 6750)."""

from aiohttp import web
from aiohttp.hdrs import AUTHORIZATION

from petsage.features.health.settings import ALWAYS, MIN_TOKEN_LENGTH, HealthSettings
from petsage.http import ProblemError

VARY = "Accept, Authorization"
_CHALLENGE = 'Bearer realm="health", error="invalid_token"'


class Access:
    """Compares what is sent with the token, in constant time; without a token nobody is right and nobody wrong.

    Between `Bearer` and the token stand one or more spaces (RFC 9110, section 11.4); any other space belongs to what
    is sent as the token, and is wrong. So are two `Authorization` fields, whatever stands in them.
    """

    def __init__(self, settings: HealthSettings) -> None:
        self._open = settings.details == ALWAYS
        self._token = settings.token.reveal().encode() if settings.token is not None else None

    def sees_details(self, request: web.Request) -> bool:
        """Say whether reasons, observations and the identity may be shown; never raises."""
        return self._open or self._bears_token(request)

    def refuse_wrong_token(self, request: web.Request) -> None:
        """Raise a 401 for a token that is not ours; having none is no mistake."""
        if self._token is not None and AUTHORIZATION in request.headers and not self._bears_token(request):
            headers = {"WWW-Authenticate": _CHALLENGE, "Vary": VARY}
            raise ProblemError(401, "the token in Authorization is not that of features.health.token", headers=headers)

    def require_token(self, request: web.Request) -> None:
        """Raise a 403 unless the token is sent; who sends a wrong one has been refused before."""
        if self._token is None:
            raise ProblemError(403, _NOT_CONFIGURED, headers={"Vary": VARY})
        if not self._bears_token(request):
            raise ProblemError(403, _NOT_SENT, headers={"Vary": VARY})

    def _bears_token(self, request: web.Request) -> bool:
        if self._token is None:
            return False
        from hmac import compare_digest  # noqa: PLC0415 (only those who send a token pay for it)

        values = request.headers.getall(AUTHORIZATION, ())
        if len(values) != 1:
            return False  # of two it cannot be told which one counts (RFC 9110, section 5.3)
        scheme, _, sent = values[0].partition(" ")
        sent_token = sent.lstrip(" ").encode("utf-8", "surrogatepass")
        return scheme.lower() == "bearer" and compare_digest(sent_token, self._token)


_NOT_CONFIGURED = (
    "running checks on demand needs a token, and none is configured: "
    f"set features.health.token, at least {MIN_TOKEN_LENGTH} characters, and send it as Authorization: Bearer TOKEN"
)
_NOT_SENT = "running checks on demand needs the token of features.health.token, sent as Authorization: Bearer TOKEN"
