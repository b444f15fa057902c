"""Parse the query of a probe by hand: probes are requested every second, most of them without options."""

from aiohttp import web
from aiohttp.hdrs import ACCEPT

from petsage.checks import Probe
from petsage.features.health.auth import Auth
from petsage.http import ProblemError
from petsage.probes.accept import preferred_format
from petsage.probes.cache import VARY
from petsage.probes.query import ProbeQuery
from petsage.probes.renderers import find_renderers

_DEFAULT = ProbeQuery(None).format


def is_plain(request: web.Request) -> bool:
    """Return whether a request has no query and an `Accept` that prefers JSON."""
    if "?" in request.raw_path:
        return False
    accept = request.headers.get(ACCEPT, "*/*")
    return accept == "*/*" or _preferred(request) == _DEFAULT


def read_query(request: web.Request, probe: Probe | None, auth: Auth) -> ProbeQuery:
    """Return the query of a request.

    Raise ProblemError 400 for an unknown format, and 401 for a wrong token where details are asked for.
    """
    query = request.query
    verbose = "verbose" in query
    if verbose or probe is None or "fresh" in query:
        auth.refuse_wrong_token(request)
    check = request.match_info.get("check")
    exclude = query.getall("exclude", ()) if check is None else ()  # the path of a single check excludes nothing
    return ProbeQuery(
        probe,
        check,
        exclude=tuple(sorted(set(exclude))),
        format=_format(request),
        verbose=verbose,
        details=auth.sees_details(request),
    )


def _format(request: web.Request) -> str:
    name = request.query.get("format")
    if name is None:
        return _preferred(request)
    formats = find_renderers()
    for known in formats:
        if name in (known, known.replace("+", " ")):  # in a query, a `+` that is not escaped is a space
            return known
    raise ProblemError(400, f"format is one of {', '.join(formats)}", headers={"Vary": VARY})


def _preferred(request: web.Request) -> str:
    return preferred_format(",".join(request.headers.getall(ACCEPT, ())))
