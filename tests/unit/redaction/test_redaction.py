"""What is secret is masked wherever it appears, by pattern and by value."""

import base64
import copy
import gc
import json
import re
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from petsage.redaction import (
    Secret,
    filled_from_files,
    is_secret_name,
    masked,
    masked_ends,
    masked_value,
    patterns,
    secret_parts,
)
from petsage.redaction.known_secrets import KnownSecrets
from tests.support.growth import MAX_GROWTH, growth

M = "********"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /x?api_key=abc&page=1", f"GET /x?api_key={M}&page=1"),
        ("GET /x?page=1&token=abc HTTP/1.1", f"GET /x?page=1&token={M} HTTP/1.1"),
        ("?user[password]=abc", f"?user[password]={M}"),
        ("?auth=abc;sig=1%2F2", f"?auth={M};sig={M}"),
        ("{'password': 'x'}", f"{{'password': '{M}'}}"),
        ("{'password': b'x', 'user': 'u'}", f"{{'password': b'{M}', 'user': 'u'}}"),
        ("""{'password': "it's", 'user': 'u'}""", f"""{{'password': "{M}", 'user': 'u'}}"""),
        ('{"client_secret": "a\\"b c@d", "user": "u"}', f'{{"client_secret": "{M}", "user": "u"}}'),
        (r'"{\"token\": \"x\"}"', rf'"{{\"token\": \"{M}"'),
        ("Authorization: Bearer x", f"Authorization: {M}"),
        ("b'Authorization: Basic dTpw'", f"b'Authorization: {M}"),
        ("{'Authorization': 'Bearer x'}", f"{{'Authorization': '{M}'}}"),
        ("('Authorization', 'Bearer x')", f"('Authorization', '{M}')"),
        ("sent Bearer x-y.z there", f"sent Bearer {M} there"),
        ("sent Basic dXNlcjpwYXNz there", f"sent Basic {M} there"),
        ("Basic authentication is needed", "Basic authentication is needed"),
        ("Cookie: session=a; other=b\nHost: c", f"Cookie: {M}\nHost: c"),
        ("Set-Cookie: session=a; Path=/", f"Set-Cookie: {M}"),
        ("https://TOKEN@host/x", f"https://{M}@host/x"),
        ("https://TOKEN:@host and https://TOKEN:x-oauth-basic@host", f"https://{M}@host and https://{M}@host"),
        ("redis://user:pw@host:6379/0", f"redis://user:{M}@host:6379/0"),
        ("redis://:pw@host", f"redis://:{M}@host"),
        ("postgres://u:p'q\"@/x@host/db", f"postgres://u:{M}@host/db"),
        ("'amqp://u:pw@host' and 'mysql://v:pw@host'", f"'amqp://u:{M}@host' and 'mysql://v:{M}@host'"),
        ("host=db password='it\\'s a pw' user=u", f"host=db password='{M}' user=u"),
        ("password = x, port = 1", f"password = {M} port = 1"),
        ("PGPASSWORD=x psql", f"PGPASSWORD={M} psql"),
        ("passphrase: x", f"passphrase: {M}"),
        ("(password: x, user: y)", f"(password: {M} user: y)"),
        ('password: "x y"', f'password: "{M}"'),
        ("wrong password: password authentication failed", "wrong password: password authentication failed"),
        ("features.health.token: a token has 16 characters", "features.health.token: a token has 16 characters"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END", f"-----BEGIN PRIVATE KEY-----{M}-----END"),
        ("KeyError: 'user'", "KeyError: 'user'"),
        ("http://host:8080/path?x=1", "http://host:8080/path?x=1"),
        (
            '127.0.0.1 "GET /livez" 200 264 0.1ms "kube-probe/1.30"',
            '127.0.0.1 "GET /livez" 200 264 0.1ms "kube-probe/1.30"',
        ),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_what_is_secret_by_its_form_is_masked_and_nothing_else(
    text: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petsage.redaction.masking.KNOWN", KnownSecrets())  # without the secrets of other tests
    assert masked(text) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "name", ["db_password", "apiKey", "X-Auth-Token", "DSN", "Cookie", "credentials", "auth", "sig"]
)
def test_names_say_that_a_value_is_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["author", "host", "design", "passed", "url", ""])
def test_other_names_do_not(name: str) -> None:
    assert not is_secret_name(name)


HARD = 'it\'s "a" pass/word@é 100%\\'


@pytest.mark.parametrize(
    "form",
    [
        HARD,
        quote(HARD, safe=""),
        quote(HARD),
        quote(HARD, safe="").lower(),
        quote_plus(HARD),
        "".join(f"%{byte:02x}" for byte in HARD.encode()),
        HARD.replace("a", "%61"),
        repr(HARD)[1:-1],
        json.dumps(HARD)[1:-1],
        json.dumps(HARD, ensure_ascii=False)[1:-1],
        base64.b64encode(HARD.encode()).decode().rstrip("="),
        f"{HARD[:-5]}…",
        f"{HARD[:4]}…",
    ],
)
def test_a_secret_that_exists_is_masked_in_every_way_to_write_it(form: str) -> None:
    secret = Secret(HARD)
    shown = masked(f"before {form} after {form}")
    assert shown.replace("…", "").replace("=", "") == f"before {M} after {M}"
    assert secret.reveal() == HARD


def test_a_secret_is_forgotten_with_the_last_who_has_it() -> None:
    one, other = Secret("hunter22"), Secret("hunter22")
    del one
    assert masked("a hunter22 b") == f"a {M} b"
    assert copy.deepcopy(other) is other
    del other
    gc.collect()
    assert masked("a hunter22 b") == "a hunter22 b"


def test_a_short_value_is_not_masked_for_nothing_would_be_readable() -> None:
    secrets = Secret("abc"), Secret("")
    assert masked("abcd") == "abcd"
    assert [secret.reveal() for secret in secrets] == ["abc", ""]


def test_overlapping_secrets_are_masked_as_one() -> None:
    secrets = Secret("abcdef"), Secret("defghi"), Secret("cdef")
    assert masked("xabcdefghix") == f"x{M}x"
    assert len(secrets) == 3


def test_of_a_url_its_password_is_known_plain_and_encoded_and_the_rest_is_not() -> None:
    url = "https://user:p%40ss%2Fword@host.example/path?api_key=abcdef&page=12345"
    secret = Secret(url, secret_parts(url))
    basic = base64.b64encode(b"user:p@ss/word").decode().rstrip("=")
    assert masked("p@ss/word p%40ss%2fword p%40ss/word abcdef 12345 user host.example") == (
        f"{M} {M} {M} {M} 12345 user host.example"
    )
    assert masked(f"x {basic}== y") == f"x {M}== y"
    assert secret == Secret(url)


def test_a_password_that_a_url_does_not_encode_is_known_whatever_it_holds() -> None:
    url = "postgres://user:pa/ss@wo#rd@host/db"
    secret = Secret(url, secret_parts(url))
    assert masked("wrong: pa/ss@wo#rd") == f"wrong: {M}"
    assert repr(secret) == f"Secret({M})"


def test_credentials_after_their_scheme_and_the_password_in_basic_ones_are_known_by_themselves() -> None:
    secrets = Secret("Bearer tok-1234"), Secret(f"Basic {base64.b64encode(b'user:pass-1234').decode()}")
    assert masked("tok-1234 pass-1234 user") == f"{M} {M} user"
    assert len(secrets) == 2


def test_each_line_of_a_secret_of_several_lines_is_known() -> None:
    key = Secret("first line of the key\nsecond line of the key\n")
    assert masked("cannot read 'second line of the key'") == f"cannot read '{M}'"
    assert str(key) == M


def test_what_came_from_a_file_into_a_secret_is_known_by_itself() -> None:
    with filled_from_files(["tok-1234", "elsewhere"]):
        secret = Secret("key=tok-1234;x")
    assert masked("tok-1234 elsewhere") == f"{M} elsewhere"
    assert secret.reveal() == "key=tok-1234;x"


@pytest.mark.parametrize("most", [50, 200, 2000])
def test_no_part_of_a_secret_is_left_at_a_cut(most: int) -> None:
    secrets = Secret("A" * 40), Secret("0123456789" * 30)
    for value in (secret.reveal() for secret in secrets):
        for before in range(most - 60, most + 20):
            text = "x" * before + value + "y" * 3000
            shown = masked(text, most)
            assert len(shown) <= most
            assert value[:4] not in shown
            ends = masked_ends("y" * 3000 + text + value + "z" * before, 2 * most)
            assert value[:4] not in ends
            assert value[-4:] not in ends


def test_plain_values_are_masked_by_their_names_and_as_texts() -> None:
    secret = Secret("hunter22")
    written = {"a": {"token": 5, "url": "redis://:pw@h", "n": 1, "no": None, "l": ["hunter22", True]}, "s": secret}
    assert masked_value(written, {("a", "n")}) == {
        "a": {"token": M, "url": f"redis://:{M}@h", "n": M, "no": None, "l": [M, True]},
        "s": M,
    }


WORST = [
    lambda n: "a." * (n // 2) + "@",
    lambda n: "a.a://" * (n // 6) + "@",
    lambda n: "://" * (n // 3) + "@",
    lambda n: "://a:" * (n // 5),
    lambda n: "@" * n,
    lambda n: "?key" * (n // 4),
    lambda n: "?key" * (n // 4) + "=",
    lambda n: "key " * (n // 4),
    lambda n: "key=" * (n // 4),
    lambda n: "password" * (n // 8),
    lambda n: "password='" * (n // 10),
    lambda n: "password\\" * (n // 9),
    lambda n: "password='" + "\\" * n,
    lambda n: "'password': " * (n // 12),
    lambda n: "password: " * (n // 10),
    lambda n: "password: 'a\\" * (n // 13),
    lambda n: "authorization:" * (n // 14),
    lambda n: "authorization: " + " " * n,
    lambda n: "cookie:\n" * (n // 8),
    lambda n: "bearer " * (n // 7),
    lambda n: "basic aaaa" * (n // 10),
    lambda n: "basic " + "a" * n,
    lambda n: "%41" * (n // 3),
    lambda n: "%" * n,
    lambda n: "secret-value-1…" * (n // 15),
    lambda n: "…" * n,
    lambda n: "secret-value-" * (n // 13),
    lambda n: "-----BEGIN PRIVATE KEY-----" * (n // 27),
    lambda n: "a" * n,
    lambda n: " " * n,
    lambda n: "\n" * n,
    lambda n: '"' * n,
    lambda n: "\x00" * n,
    lambda n: "İ" * n,
]


@pytest.mark.parametrize("case", range(len(WORST)))
def test_the_cost_of_masking_grows_with_the_text_at_most(case: int) -> None:
    secrets = [Secret(f"secret-value-{number}'x") for number in range(20)]
    assert growth(lambda size: masked(WORST[case](size), size), 32_000) <= MAX_GROWTH
    assert len(secrets) == 20


@pytest.mark.parametrize("case", range(len(WORST)))
def test_a_text_beyond_the_cut_costs_nothing(case: int) -> None:
    longest = [WORST[case](1_000_000), WORST[case](2_000_000)]
    assert growth(lambda size: masked(longest[size - 1]), 1, accepted=1.5) <= 1.5
    assert len(masked(longest[1])) <= 8192


def test_the_documentation_names_every_word_of_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs" / "logging.md").read_text()
    documented = {word.rstrip("…") for word in re.findall(r"`([a-z]+…?)`", page)}
    assert {*patterns._PARTS_OF_NAMES, *patterns._WHOLE_NAMES} <= documented
