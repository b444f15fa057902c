"""From an answer to a sighting: what counts as ready, and what to look at when it is not."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from petsage.checks import FEATURES, SHUTDOWN, CheckFailed, Code, Status
from petsage.text import printable
from petsage.wait.http_client import MAX_REQUEST_SECONDS, Answer
from petsage.wait.status import TargetStatus
from petsage.wait.target import Target

_SUCCESS, _REDIRECT, _REFUSED, _MISSING = range(200, 300), range(300, 400), (401, 403), 404
_BAD = ("fail", "error", "down", "unhealthy", "out_of_service", "critical")
"""What the member `status` says of whoever is not well: here, in Terminus, Spring Boot, Docker, Consul and others."""

_MOST_NAMES = 20
_LISTS = ("failing", "pending", "warning", "quarantined")
_NOT_YET = "its log; a start that never ends shows there as a feature or check without a result"
_TLS = ("no TLS", "whether it is http:// or https://, and which authority signed it")
_NOT_HTTP = ("not HTTP", "which program listens there, and its log")
_NO_WAY = ("unreachable", "the address, and firewalls on the way")
_UNREACHED: Mapping[str, tuple[str, str]] = {
    Code.REFUSED: ("refused", "whether it runs and listens at this port: `docker compose ps`, its log"),
    Code.UNRESOLVED: ("unknown host", "the host's spelling, and whether both are on one network"),
    Code.TIMEOUT: _NO_WAY,
    Code.UNREACHABLE: _NO_WAY,
    Code.TLS: _TLS,
    Code.CERTIFICATE: _TLS,
    Code.MISSING: ("no socket", "whether it runs, and the path of server.unix_socket"),
    Code.PROTOCOL: _NOT_HTTP,
    Code.CLOSED: _NOT_HTTP,
}


def classify_response(answer: Answer, accepted: Collection[Status], target: Target) -> TargetStatus:
    """Return how a target stands: by its code, and by the `status` of its document where that is known.

    A code that is no success is never made one by the document, and a document that says no is one at any code.
    """
    said = (answer.member("status") or "").lower()
    if answer.status in _SUCCESS:
        status = said if said in (*Status, *_BAD) else Status.PASS.value
        if status in accepted:
            return TargetStatus(ready=True, state=status, text="; ".join(_lists(answer, ("warning",))))
        return _red(answer, status, target)
    if said in (Status.PENDING, *_BAD):
        return _red(answer, said, target)
    return _strange(answer, said, target)


def classify_timeout(target: Target) -> TargetStatus:
    """Return how a target stands that accepts a question and does not answer it."""
    hint = "its log; it may be blocked, paused, or starved of CPU"
    return TargetStatus(
        ready=False, state="silent", text=f"no answer of {target.where} within {MAX_REQUEST_SECONDS:g} s", hint=hint
    )


def classify_unreadable(error: Exception, target: Target) -> TargetStatus:
    """Return how a target stands whose answer cannot be read."""
    text = f"{target.where} sent what cannot be read: {type(error).__name__}"
    state, hint = _NOT_HTTP
    return TargetStatus(ready=False, state=state, text=text, hint=hint)


def classify_error(error: CheckFailed) -> TargetStatus:
    """Return how a target stands that could not be asked."""
    state, hint = _UNREACHED.get(error.code, ("unreachable", "the URL, and whether it runs"))
    return TargetStatus(ready=False, state=state, text=str(error), hint=hint)


def _red(answer: Answer, status: str, target: Target) -> TargetStatus:
    text = "; ".join([str(answer.status), *_lists(answer, _LISTS)])
    return TargetStatus(ready=False, state=status, text=text, hint=_next(answer, status, target))


def _lists(answer: Answer, members: Iterable[str]) -> Iterator[str]:
    for member in members:
        if names := answer.names(member):
            more = ["…"] if len(names) > _MOST_NAMES else []
            yield f"{member} {', '.join([*map(printable, names[:_MOST_NAMES]), *more])}"


def _next(answer: Answer, status: str, target: Target) -> str:
    failing = answer.names("failing")
    if FEATURES in failing:
        return "`petsage feature list` and its log: a required feature is in quarantine"
    if SHUTDOWN in failing:
        return "who is stopping it: it drains, and will not be ready again"
    if status == Status.PENDING:
        return _NOT_YET
    return f"{target.name}?verbose, which tells each check; its log has the reasons"


def _strange(answer: Answer, said: str, target: Target) -> TargetStatus:
    if answer.status in _REDIRECT:
        where = f" to {printable(answer.location.partition('?')[0])}" if answer.location else ""
        return _no(f"redirect{where}, not followed", "the URL: ask where it leads", answer)
    if answer.status == _MISSING:
        return _no("nothing at this path", f"the path: {printable(target.url.path)}", answer)
    if answer.status in _REFUSED:
        return _no("it wants to know who asks", "the path: a probe needs no password", answer)
    if said in (Status.PASS, Status.WARN):
        return _no(f"its document says {said}, its code does not", "what stands between here and there", answer)
    return _no(printable(answer.member("detail", "title") or ""), "its log", answer)


def _no(text: str, hint: str, answer: Answer) -> TargetStatus:
    return TargetStatus(ready=False, state=str(answer.status), text=text, hint=hint)
