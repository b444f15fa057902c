"""Status of a target by its response, or by the code of an error: whether it is ready, why not, what to look at."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from petsage.checks import FEATURES, SHUTDOWN, CheckFailed, Code, Status
from petsage.text import printable
from petsage.wait.http_client import MAX_REQUEST_SECONDS, TargetResponse
from petsage.wait.status import TargetStatus
from petsage.wait.target_url import TargetUrl

_SUCCESS, _REDIRECT, _UNAUTHORIZED, _NOT_FOUND = range(200, 300), range(300, 400), (401, 403), 404
_FAILING = ("fail", "error", "down", "unhealthy", "out_of_service", "critical")
"""Values of the member `status` for a failure: of PetSage, Terminus, Spring Boot, Docker, Consul and others."""

_MAX_NAMES = 20
_LISTS = ("failing", "pending", "warning", "quarantined")
_PENDING_HINT = "its log; a start that never ends shows there as a feature or check without a result"
_TLS = ("no TLS", "whether it is http:// or https://, and which authority signed it")
_NOT_HTTP = ("not HTTP", "which program listens there, and its log")
_UNREACHABLE = ("unreachable", "the address, and firewalls on the way")
_BY_CODE: Mapping[str, tuple[str, str]] = {
    Code.REFUSED: ("refused", "whether it runs and listens at this port: `docker compose ps`, its log"),
    Code.UNRESOLVED: ("unknown host", "the host's spelling, and whether both are on one network"),
    Code.TIMEOUT: _UNREACHABLE,
    Code.UNREACHABLE: _UNREACHABLE,
    Code.TLS: _TLS,
    Code.CERTIFICATE: _TLS,
    Code.MISSING: ("no socket", "whether it runs, and the path of server.unix_socket"),
    Code.PROTOCOL: _NOT_HTTP,
    Code.CLOSED: _NOT_HTTP,
}


def classify_response(response: TargetResponse, accepted: Collection[Status], target: TargetUrl) -> TargetStatus:
    """Return the status by the HTTP status code, and by the member `status` of the body where its value is known.

    Both must say that the target is ready: an error code is not outweighed by the body, nor a failing body by a 200.
    """
    reported = (response.member("status") or "").lower()
    if response.status in _SUCCESS:
        status = reported if reported in (*Status, *_FAILING) else Status.PASS.value
        if status in accepted:
            return TargetStatus(ready=True, state=status, text="; ".join(_lists(response, ("warning",))))
        return _not_ready(response, status, target)
    if reported in (Status.PENDING, *_FAILING):
        return _not_ready(response, reported, target)
    return _unexpected(response, reported, target)


def classify_timeout(target: TargetUrl) -> TargetStatus:
    """Return the status of a target that accepts a connection and sends no response in time."""
    text = f"no answer from {target.address} within {MAX_REQUEST_SECONDS:g} s"
    hint = "its log; it may be blocked, paused, or starved of CPU"
    return TargetStatus(ready=False, state="silent", text=text, hint=hint)


def classify_unreadable(error: Exception, target: TargetUrl) -> TargetStatus:
    """Return the status of a target whose response the HTTP client cannot read."""
    text = f"{target.address} sent an unreadable answer: {type(error).__name__}"
    state, hint = _NOT_HTTP
    return TargetStatus(ready=False, state=state, text=text, hint=hint)


def classify_error(error: CheckFailed) -> TargetStatus:
    """Return the status of a target whose request failed; only the error's code decides, never its text."""
    state, hint = _BY_CODE.get(error.code, ("unreachable", "the URL, and whether it runs"))
    return TargetStatus(ready=False, state=state, text=str(error), hint=hint)


def _not_ready(response: TargetResponse, status: str, target: TargetUrl) -> TargetStatus:
    text = "; ".join([str(response.status), *_lists(response, _LISTS)])
    return TargetStatus(ready=False, state=status, text=text, hint=_hint(response, status, target))


def _lists(response: TargetResponse, members: Iterable[str]) -> Iterator[str]:
    for member in members:
        if names := response.names(member):
            more = ["…"] if len(names) > _MAX_NAMES else []
            yield f"{member} {', '.join([*map(printable, names[:_MAX_NAMES]), *more])}"


def _hint(response: TargetResponse, status: str, target: TargetUrl) -> str:
    failing = response.names("failing")
    if FEATURES in failing:
        return "`petsage feature list` and its log: a required feature is in quarantine"
    if SHUTDOWN in failing:
        return "what is stopping it: it is draining, and will not become ready again"
    if status == Status.PENDING:
        return _PENDING_HINT
    return f"{target.name}?verbose for the status of each check; its log has the reasons"


def _unexpected(response: TargetResponse, reported: str, target: TargetUrl) -> TargetStatus:
    if response.status in _REDIRECT:
        to = f" to {printable(response.location.partition('?')[0])}" if response.location else ""
        return _by_status_code(f"redirect{to}, not followed", "the URL: use the one it redirects to", response)
    if response.status == _NOT_FOUND:
        return _by_status_code("nothing at this path", f"the path: {printable(target.url.path)}", response)
    if response.status in _UNAUTHORIZED:
        return _by_status_code("it requires credentials", "the path: a probe needs no password", response)
    if reported in (Status.PASS, Status.WARN):
        text = f"its document says {reported}, its status code does not"
        return _by_status_code(text, "proxies between here and there", response)
    return _by_status_code(printable(response.member("detail", "title") or ""), "its log", response)


def _by_status_code(text: str, hint: str, response: TargetResponse) -> TargetStatus:
    return TargetStatus(ready=False, state=str(response.status), text=text, hint=hint)
