from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

from petsage.checks.kinds import find_kinds
from petsage.checks.kinds.command import Command
from petsage.checks.kinds.disk import Disk, Threshold
from petsage.checks.kinds.dns import Dns
from petsage.checks.kinds.file import File
from petsage.checks.kinds.http import Http
from petsage.checks.kinds.mysql import Mysql
from petsage.checks.kinds.postgres import Postgres
from petsage.checks.kinds.redis import Redis
from petsage.checks.kinds.tcp import Tcp
from petsage.checks.kinds.tls import Tls
from petsage.redaction.secret import Secret

LEAST = [
    ("http", {"url": "http://web/health"}, Http(url=Secret("http://web/health"))),
    ("tcp", {"host": "db", "port": 25}, Tcp(host="db", port=25)),
    ("dns", {"name": "db"}, Dns(name="db")),
    ("tls", {"host": "web"}, Tls(host="web", port=443, warn_below=2592000.0, fail_below=604800.0)),
    ("postgres", {"host": "db"}, Postgres(host="db")),
    ("postgres", {"url": "postgresql://u:p@db/x"}, Postgres(url=Secret("postgresql://u:p@db/x"), query="SELECT 1")),
    ("redis", {"host": "cache", "port": 7000}, Redis(host="cache", port=7000)),
    ("redis", {"url": "redis://cache"}, Redis(url=Secret("redis://cache"))),
    ("mysql", {"url": "mariadb://db:3307"}, Mysql(url=Secret("mariadb://db:3307"))),
    ("disk", {"path": "data"}, Disk(path=Path("data"), warn_below=Threshold(10), fail_below=Threshold(5))),
    ("file", {"path": "beat"}, File(path=Path("beat"))),
    ("command", {"argv": ["true"]}, Command(argv=("true",))),
]

MOST = [
    (
        "http",
        {
            "url": "https://web/",
            "method": "POST",
            "headers": {"Authorization": "Bearer x"},
            "body": "{}",
            "status": [200, "300-399", "404"],
            "contains": "ok",
            "json": {"a.b": 1, "c": None},
            "warn_above": "250ms",
            "verify": True,
            "ca_file": "ca.pem",
        },
        Http(
            url=Secret("https://web/"),
            method="POST",
            headers={"Authorization": Secret("Bearer x")},
            body="{}",
            status=((200, 200), (300, 399), (404, 404)),
            contains="ok",
            json={"a.b": 1, "c": None},
            warn_above=0.25,
            verify=True,
            ca_file=Path("ca.pem"),
        ),
    ),
    ("http", {"url": "http://w", "status": 204}, Http(url=Secret("http://w"), status=((204, 204),))),
    ("http", {"url": "http://w", "status": "200, 404"}, Http(url=Secret("http://w"), status=((200, 200), (404, 404)))),
    ("dns", {"name": "db", "expect": ["10.0.0.1", "2001:DB8::0"]}, Dns(name="db", expect=("10.0.0.1", "2001:db8::"))),
    ("tls", {"host": "w", "warn_below": "2d", "fail_below": "1d"}, Tls(host="w", warn_below=172800, fail_below=86400)),
    (
        "disk",
        {"path": "/", "warn_below": "5GiB", "fail_below": "2.5 %"},
        Disk(path=Path("/"), warn_below=Threshold(size=5 << 30), fail_below=Threshold(percent=2.5)),
    ),
    ("file", {"path": "/beat", "younger_than": "1m"}, File(path=Path("/beat"), younger_than=60.0)),
    (
        "command",
        {"argv": ["./check", "-x"], "env": {"A": "b"}, "cwd": "bin"},
        Command(argv=("./check", "-x"), env={"A": Secret("b")}, cwd=Path("bin")),
    ),
]


@pytest.mark.parametrize(("kind", "settings", "check"), LEAST + MOST)
def test_settings_load_to_the_check(kind: str, settings: dict[str, Any], check: object) -> None:
    assert find_kinds()[kind].load().schema.load(settings) == check


@pytest.mark.parametrize(("kind", "settings", "_check"), LEAST)
def test_a_setting_that_no_kind_knows_is_a_mistake(kind: str, settings: dict[str, Any], _check: object) -> None:
    with pytest.raises(ValidationError) as raised:
        find_kinds()[kind].load().schema.load({**settings, "colour": "red"})
    assert raised.value.messages == {"colour": ["Unknown field."]}


URL = "not a url of one server (write it like {}://host)"
SCHEME = "the scheme must be one of {} (write it like {}://host)"
MISTAKES = [
    ("http", {"url": "ftp://x"}, {"url": [SCHEME.format("http, https", "http")]}),
    ("http", {"url": "http://"}, {"url": [URL.format("http")]}),
    ("http", {"url": "http://x:99999"}, {"url": [URL.format("http")]}),
    ("http", {"url": "http://x", "status": True}, {"status": None}),
    ("http", {"url": "http://x", "status": "299-200"}, {"status": None}),
    ("http", {"url": "http://x", "status": 99}, {"status": None}),
    ("http", {"url": "http://x", "status": []}, {"status": None}),
    ("http", {"url": "http://x", "method": "get it"}, {"method": ["not a method (write it like GET or POST)"]}),
    ("http", {"url": "http://x", "headers": {"a b": "c"}}, {"headers": {"a b": {"key": ["not a header's name"]}}}),
    (
        "http",
        {"url": "http://x", "headers": {"a": "b\nc"}},
        {"headers": {"a": {"value": ["must be one line of printable characters"]}}},
    ),
    (
        "http",
        {"url": "https://x", "verify": False, "ca_file": "x"},
        {"ca_file": ["not allowed with verify: false, which verifies no certificate"]},
    ),
    ("tcp", {"host": "", "port": 70000}, {"host": ["must not be empty"], "port": ["must be between 1 and 65535"]}),
    ("tls", {"host": "x", "warn_below": "1d"}, {"warn_below": ["must be at least fail_below"]}),
    ("tls", {"host": "x", "fail_below": "60d"}, {"fail_below": ["must be at most warn_below"]}),
    ("redis", {}, {"host": ["required, unless there is a url"]}),
    ("redis", {"url": "redis://x", "host": "y"}, {"host": ["not allowed with url, which already has it"]}),
    ("redis", {"url": "redis://x", "port": 1}, {"port": ["not allowed with url, which already has it"]}),
    (
        "redis",
        {"url": "redis://user@x"},
        {"url": ["a user without a password (write it like redis://user:password@host)"]},
    ),
    ("postgres", {"url": "mysql://x"}, {"url": [SCHEME.format("postgresql, postgres", "postgresql")]}),
    ("postgres", {"url": "postgresql://u:p@a,b:5432/x"}, {"url": [URL.format("postgresql")]}),
    (
        "postgres",
        {"host": "x", "query": "SELECT 2"},
        {"query": ["needs a user, in its key or in url"]},
    ),
    ("dns", {"name": "x", "expect": ["db"]}, {"expect": None}),
    (
        "disk",
        {"path": "/", "warn_below": "110%"},
        {"warn_below": ["not a share or a size (write it like 10% or 5GiB)"]},
    ),
    ("disk", {"path": "a\0b"}, {"path": ["not a path"]}),
    ("command", {"argv": "rm -rf /"}, {"argv": None}),
    ("command", {"argv": []}, {"argv": None}),
    ("command", {"argv": ["a\0"]}, {"argv": None}),
]
FIELD = {
    ("http", "status"): "not a status code (write it like 200, 200-299 or [200, 404])",
    ("dns", "expect"): "not a list of IP addresses (write it like [192.0.2.1, 2001:db8::1])",
    ("command", "argv"): "must be a list of a program and its arguments, since no shell splits it",
}


@pytest.mark.parametrize(("kind", "settings", "messages"), MISTAKES)
def test_a_mistake_says_the_way_out(kind: str, settings: dict[str, Any], messages: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as raised:
        find_kinds()[kind].load().schema.load(settings)
    assert raised.value.messages == {name: said or [FIELD[kind, name]] for name, said in messages.items()}


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("http", {"url": "http://u:hunter2@x", "headers": {"X-Key": "hunter2"}, "body": "hunter2"}),
        ("postgres", {"url": "postgresql://u:hunter2@x/y"}),
        ("redis", {"url": "redis://:hunter2@x"}),
        ("mysql", {"url": "mysql://u:hunter2@x"}),
        ("command", {"argv": ["x"], "env": {"PASSWORD": "hunter2"}}),
    ],
)
def test_a_secret_is_in_no_repr_and_in_no_dump(kind: str, settings: dict[str, Any]) -> None:
    schema = find_kinds()[kind].load().schema
    check = schema.load(settings)
    assert "hunter2" not in repr(check)
    assert "hunter2" not in repr({**schema.dump(check), "body": None})


def test_a_url_is_dumped_with_its_password_masked() -> None:
    schema = find_kinds()["postgres"].load().schema
    dumped = schema.dump(schema.load({"url": "postgresql://app:hunter2@db:5433/x?sslmode=require"}))
    assert dumped["url"] == "postgresql://app:********@db:5433/x?sslmode=require"
    assert schema.dump(schema.load({"url": "postgresql://db"}))["url"] == "postgresql://db"


def test_settings_dump_as_they_are_written() -> None:
    kinds = find_kinds()
    written: dict[str, dict[str, Any]] = {
        "http": {"status": "200-299, 404"},
        "dns": {"expect": ["10.0.0.1"]},
        "disk": {"warn_below": "10%", "fail_below": "5GiB"},
        "command": {"argv": ["a", "b"], "cwd": "bin"},
    }
    least: dict[str, dict[str, Any]] = {
        "http": {"url": "http://x"},
        "dns": {"name": "x"},
        "disk": {"path": "/"},
        "command": {},
    }
    for kind, settings in written.items():
        schema = kinds[kind].load().schema
        dumped = schema.dump(schema.load({**least[kind], **settings}))
        assert {name: dumped[name] for name in settings} == settings
