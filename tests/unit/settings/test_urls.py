"""Variables inside of URLs: each fills one part, and can neither lead elsewhere nor change what is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from petsage.settings import ConfigError, read

Write = Callable[[str | bytes], Path]

ENVIRONMENT = {
    "USER": "a:b@c/d",
    "PASSWORD": "p@s:s/w#o?r%d & é",
    "HOST": "db.example.org",
    "PORT": "5432",
    "NAME": "shop",
    "V6": "2001:db8::1",
    "HOSTS": "a,b",
    "HOST_AND_PORT": "db:5432",
    "URL": "postgresql://app:x@db/shop",
    "SCHEME": "http",
    "EMPTY": "",
    "TWO": "a/b",
    "UP": "..",
    "LONG_PORT": "70000",
    "QUERY": "a=b&c=d",
    "AT": "x@evil.example.org",
    "WORDS": "http://x is ours",
}

GOOD = {
    "${URL}": "postgresql://app:x@db/shop",
    "$URL": "postgresql://app:x@db/shop",
    "${UNSET:-http://db/}": "http://db/",
    "${UNSET:-http://u:${PASSWORD}@db/}": "http://u:p%40s%3As%2Fw%23o%3Fr%25d%20%26%20%C3%A9@db/",
    "http://${USER}@db/": "http://a%3Ab%40c%2Fd@db/",
    "http://${USER}:${PASSWORD}@db/": "http://a%3Ab%40c%2Fd:p%40s%3As%2Fw%23o%3Fr%25d%20%26%20%C3%A9@db/",
    "redis://:x${AT}@db": "redis://:xx%40evil.example.org@db",
    "redis://:lit@eral${AT}@db": "redis://:lit@eralx%40evil.example.org@db",
    "http://${HOST}:${PORT}/${NAME}": "http://db.example.org:5432/shop",
    "http://www.${HOST}/": "http://www.db.example.org/",
    "http://${V6}:${PORT}/": "http://[2001:db8::1]:5432/",
    "http://[${V6}]/": "http://[2001:db8::1]/",
    "mongodb://${HOST}:1,${V6}:${PORT}/x": "mongodb://db.example.org:1,[2001:db8::1]:5432/x",
    "http://db/a${EMPTY}/${NAME}.html": "http://db/a/shop.html",
    "http://db/x?key=${PASSWORD}&b=${QUERY}": (
        "http://db/x?key=p%40s%3As%2Fw%23o%3Fr%25d%20%26%20%C3%A9&b=a%3Db%26c%3Dd"
    ),
    "http://db/x#${NAME}": "http://db/x#shop",
    "http://db/$$x": "http://db/$x",
    "see http://${TWO}": "see http://a/b",
    "'${WORDS} and ours'": "http://x is ours and ours",
    "${TWO}/c": "a/b/c",
}

HOST = "with its variables filled in, the host of the url is not the name or the address of a host"
PORT = "with its variables filled in, the port of the url is not a port"
SEGMENT = "with its variables filled in, the path of the url is not one segment of a path"
WAY_OUT = " (a variable fills one part of a url; a whole url may be one variable and nothing else)"
BEGINNING = "a variable fills the beginning of a url (write the scheme, or let one variable be the whole url)"

BAD = {
    "http://${HOST_AND_PORT}/": HOST + WAY_OUT,
    "http://${AT}/": HOST + WAY_OUT,
    "http://${HOSTS}/": HOST + WAY_OUT,
    "http://${EMPTY}/": HOST + WAY_OUT,
    "http://${TWO}/": HOST + WAY_OUT,
    "http://[${HOST}]/": HOST + WAY_OUT,
    "http://db:${NAME}/": PORT + WAY_OUT,
    "http://db:${LONG_PORT}/": PORT + WAY_OUT,
    "http://db:${EMPTY}/": PORT + WAY_OUT,
    "http://db:${AT}/": PORT + WAY_OUT,
    "http://db:${PORT}${PORT}/": PORT + WAY_OUT,
    "http://db/${TWO}": SEGMENT + WAY_OUT,
    "http://db/${UP}/x": SEGMENT + WAY_OUT,
    "http://db/%2e${UNSET:-%2E}/x": SEGMENT + WAY_OUT,
    "http://db/${PASSWORD}": SEGMENT + WAY_OUT,
    "http://db/${AT}": SEGMENT + WAY_OUT,
    "http://db/?${QUERY}": "with its variables filled in, the query of the url is not one part of a query" + WAY_OUT,
    "http://db/#${PASSWORD}": "with its variables filled in, the fragment of the url is not one part of a fragment"
    + WAY_OUT,
    "${SCHEME}://db/": BEGINNING,
    "${URL}/health": BEGINNING,
    "${URL}${URL}": BEGINNING,
}


@pytest.fixture(autouse=True)
def _world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSET", raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("text", GOOD)
def test_a_variable_fills_one_part_of_a_url(write: Write, text: str) -> None:
    draft = read(write(f"checks:\n  a:\n    value: {text}\n"))
    draft.finish()
    assert draft.raw(("checks", "a", "value")) == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_what_would_be_more_than_one_part_is_a_mistake_without_the_value(write: Write, text: str) -> None:
    quoted = text.replace("'", "''")
    with pytest.raises(ConfigError) as caught:
        read(write(f"checks:\n  a:\n    value: '{quoted}'\n")).finish()
    assert str(caught.value) == f"config.yml:3:5: checks.a.value: {BAD[text]}"


def test_a_surrogate_in_a_password_is_a_mistake(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", "a\udcffb")
    with pytest.raises(ConfigError) as caught:
        read(write("checks:\n  a:\n    value: http://u:${PASSWORD}@db/\n")).finish()
    what = "with its variables filled in, the user, password or query of the url is not text"
    assert str(caught.value) == f"config.yml:3:5: checks.a.value: {what}{WAY_OUT}"
