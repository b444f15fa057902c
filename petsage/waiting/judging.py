"""From an answer to a sighting: what counts as ready, and what to look at when it is not."""

from collections.abc import Iterable, Iterator

from petsage.checks import CheckFailed, Status
from petsage.text import cut
from petsage.waiting.asking import LONGEST_LOOK, Answer
from petsage.waiting.subject import Sighting
from petsage.waiting.target import Target

_SUCCESS, _REDIRECT, _REFUSED, _MISSING = range(200, 300), range(300, 400), (401, 403), 404
_LISTS = ("failing", "pending", "warning", "quarantined")
_MAX_LISTED = 20
_NOT_YET = "its log; a start that never ends shows there as a feature or check without a result"
_UNREACHED = (
    (("refused",), "refused", "whether it runs and listens at this port: `docker compose ps`, its log"),
    (("does not resolve",), "unknown host", "the host's spelling, and whether both are on one network"),
    (("timed out", "no route"), "unreachable", "the address, and firewalls on the way"),
    (("TLS", "certificate"), "no TLS", "whether it is http:// or https://, and which authority signed it"),
    (("ENOENT",), "no socket", "whether it runs, and the path of server.unix_socket"),
    (("not HTTP", "without an answer", "broke off"), "not HTTP", "which program listens there, and its log"),
)


def judged(answer: Answer, accepted: Iterable[Status], target: Target) -> Sighting:
    """Return how a target stands: by the `status` of its document, without one by the code alone."""
    status = _status(answer)
    if answer.status in _SUCCESS and status in accepted:
        return Sighting(ready=True, state=status.value, text="; ".join(_lists(answer, ("warning",))))
    if answer.status in _SUCCESS or answer.member("status") in tuple(Status):
        return _red(answer, status, target)
    return _strange(answer, target)


def silent(target: Target) -> Sighting:
    """Return how a target stands that accepts a question and does not answer it."""
    hint = "its log; it may be blocked, paused, or starved of CPU"
    return Sighting(
        ready=False, state="silent", text=f"no answer of {target.where} within {LONGEST_LOOK:g} s", hint=hint
    )


def unreached(error: CheckFailed) -> Sighting:
    """Return how a target stands that could not be asked."""
    text = str(error)
    for words, state, hint in _UNREACHED:
        if any(word in text for word in words):
            return Sighting(ready=False, state=state, text=text, hint=hint)
    return Sighting(ready=False, state="unreachable", text=text, hint="the URL, and whether it runs")


def _status(answer: Answer) -> Status:
    said = answer.member("status")
    return Status(said) if said in tuple(Status) else Status.PASS


def _red(answer: Answer, status: Status, target: Target) -> Sighting:
    text = "; ".join([str(answer.status), *_lists(answer, _LISTS)])
    return Sighting(ready=False, state=status.value, text=text, hint=_next(answer, status, target))


def _lists(answer: Answer, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if isinstance(found := answer.body.get(name) if isinstance(answer.body, dict) else None, list) and found:
            shown = ", ".join(cut(str(one)) for one in found[:_MAX_LISTED])
            yield f"{name} {shown}{', …' if len(found) > _MAX_LISTED else ''}"


def _next(answer: Answer, status: Status, target: Target) -> str:
    failing = answer.body.get("failing", ()) if isinstance(answer.body, dict) else ()
    if "features" in failing:
        return "`petsage feature list` and its log: a required feature is in quarantine"
    if "shutdown" in failing:
        return "who is stopping it: it drains, and will not be ready again"
    if status is Status.PENDING:
        return _NOT_YET
    return f"{target.name}?verbose, which tells each check; its log has the reasons"


def _strange(answer: Answer, target: Target) -> Sighting:
    if answer.status in _REDIRECT:
        location = cut(answer.location.partition("?")[0])
        where = f" to {location}" if location else ""
        return _no(f"redirect{where}, not followed", "the URL: ask where it leads", answer)
    if answer.status == _MISSING:
        return _no("nothing at this path", f"the path: {cut(target.url.path)}", answer)
    if answer.status in _REFUSED:
        return _no("it wants to know who asks", "the path: a probe needs no password", answer)
    return _no(cut(answer.member("detail", "title") or ""), "its log", answer)


def _no(text: str, hint: str, answer: Answer) -> Sighting:
    return Sighting(ready=False, state=str(answer.status), text=text, hint=hint)
