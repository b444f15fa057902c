"""Classification of responses by status code and document, and of errors by their code."""

from typing import Any

import pytest

from petsage.checks import CheckFailed, Status
from petsage.wait.diagnosis import classify_error, classify_response
from petsage.wait.http_client import TargetResponse
from petsage.wait.target_url import parse_target

TARGET = parse_target("http://host:80/healthz")
WARN, PASS = (Status.PASS, Status.WARN), (Status.PASS,)
BAD = ["fail", "error", "down", "unhealthy", "out_of_service", "critical"]


def seen(code: int, body: Any, accepted: tuple[Status, ...] = WARN) -> tuple[bool, str, str]:
    status = classify_response(TargetResponse(code, "", body), accepted, TARGET)
    return status.ready, status.state, status.text


@pytest.mark.parametrize("word", BAD)
@pytest.mark.parametrize("code", [200, 204, 299, 302, 404, 500, 503])
def test_who_says_that_it_is_not_well_is_not_ready_at_any_code(word: str, code: int) -> None:
    for said in (word, word.upper(), word.title()):
        assert seen(code, {"status": said}) == (False, word, str(code))


@pytest.mark.parametrize(
    "said", ["UP", "ok", "healthy", "passing", "", "failing?", 200, 503, None, ["fail"], {"a": 1}, True]
)
def test_of_other_servers_every_success_is_ready_and_nothing_else(said: Any) -> None:
    for code in (200, 201, 204, 299):
        assert seen(code, {"status": said}) == (True, "pass", "")
    for code in (404, 500, 503):
        ready, state, _ = seen(code, {"status": said})
        assert (ready, state) == (False, str(code))


@pytest.mark.parametrize("body", [None, 7, "fail", [], [{"status": "fail"}], {}, {"health": {"status": "fail"}}])
def test_a_document_without_a_status_of_its_own_says_nothing(body: Any) -> None:
    assert seen(200, body) == (True, "pass", "")


def test_what_petsage_says_counts_in_any_case() -> None:
    assert seen(200, {"status": "Warn", "warning": ["disk"]}) == (True, "warn", "warning disk")
    assert seen(200, {"status": "WARN"}, PASS) == (False, "warn", "200")
    assert seen(200, {"status": "pending"}) == (False, "pending", "200")
    assert seen(503, {"status": "PENDING", "pending": ["db"]}) == (False, "pending", "503; pending db")


@pytest.mark.parametrize("word", ["pass", "PASS", "warn"])
@pytest.mark.parametrize("code", [500, 502, 503])
def test_an_error_code_is_never_a_pass(code: int, word: str) -> None:
    said = f"its document says {word.lower()}, its status code does not"
    assert seen(code, {"status": word}) == (False, str(code), said)


def test_names_of_other_servers_are_cut_and_made_printable() -> None:
    names = [*("x" * 1000 for _ in range(1000)), 7, None, ["db"]]
    ready, state, text = seen(503, {"status": "fail", "failing": names, "pending": "db", "warning": {"a": 1}})
    assert (ready, state) == (False, "fail")
    assert text == f"503; failing {', '.join(['x' * 199 + '…'] * 20)}, …"
    assert seen(503, {"status": "fail", "failing": ["a\n\x1b[2J"]})[2] == "503; failing a\\n\\x1b[2J"
    assert seen(500, {"detail": "\x1b" * 1000})[2] == "\\x1b" * 199 + "…"


@pytest.mark.parametrize("failing", [7, None, "features", {"features": 1}, [["features"]], [None], True, 1e999])
def test_a_list_that_is_none_is_passed_over(failing: Any) -> None:
    body = {"status": "fail", "failing": failing, "pending": failing, "warning": failing, "quarantined": failing}
    status = classify_response(TargetResponse(503, "", body), WARN, TARGET)
    assert (str(status), status.hint) == (
        "fail: 503",
        "http://host/healthz?verbose for the status of each check; its log has the reasons",
    )


def test_the_target_of_a_redirect_is_shown_without_its_query() -> None:
    answer = TargetResponse(302, "https://elsewhere/login?token=secret\x1b", None)
    assert str(classify_response(answer, WARN, TARGET)) == "302: redirect to https://elsewhere/login, not followed"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("refused", "refused"),
        ("unresolved", "unknown host"),
        ("timeout", "unreachable"),
        ("unreachable", "unreachable"),
        ("reset", "unreachable"),
        ("tls", "no TLS"),
        ("certificate", "no TLS"),
        ("protocol", "not HTTP"),
        ("closed", "not HTTP"),
        ("missing", "no socket"),
        ("failed", "unreachable"),
    ],
)
def test_an_error_is_classified_by_its_code_and_not_by_its_text(code: str, state: str) -> None:
    found = classify_error(CheckFailed("refused by TLS: timed out", code=code))
    assert (found.ready, found.state, found.text) == (False, state, "refused by TLS: timed out")
    assert found.hint
