"""What a request asks, read by hand: a probe is asked every second, and hardly ever asks for more than its verdict."""

from aiohttp import web
from aiohttp.hdrs import ACCEPT

from petsage.checks import Probe
from petsage.features.health.access import VARY, Access
from petsage.http import ProblemError
from petsage.probes.accept import preferred
from petsage.probes.report import CheckFilter, Format, ProbeQuery

_FORMATS = {one.value: one for one in Format} | {"health json": Format.HEALTH_JSON}
"""In a query, a `+` that is not escaped is a space."""


def is_plain(request: web.Request) -> bool:
    """Say whether a request asks for nothing but the default: no query, and an Accept that prefers JSON."""
    if "?" in request.raw_path:
        return False
    accept = request.headers.get(ACCEPT, "*/*")
    return accept == "*/*" or _preferred(request) is Format.JSON


def read(request: web.Request, probe: Probe | None, access: Access) -> ProbeQuery:
    """Return what is asked, in which form, by somebody who may see details or not.

    Raise a 400 for an unknown format, a 401 for a wrong token where one matters: where details are asked for.
    """
    query = request.query
    verbose = "verbose" in query
    if verbose or probe is None or "fresh" in query:
        access.refuse_wrong_token(request)
    check = request.match_info.get("check")
    exclude = query.getall("exclude", ()) if check is None else ()  # a check's own path excludes nothing
    asked = CheckFilter(probe, check, tuple(sorted(set(exclude))))
    return ProbeQuery(asked, _format(request), verbose=verbose, details=access.sees_details(request))


def _format(request: web.Request) -> Format:
    name = request.query.get("format")
    if name is None:
        return _preferred(request)
    if name not in _FORMATS:
        raise ProblemError(400, f"format is one of {', '.join(Format)}", headers={"Vary": VARY})
    return _FORMATS[name]


def _preferred(request: web.Request) -> Format:
    return preferred(",".join(request.headers.getall(ACCEPT, ())))
