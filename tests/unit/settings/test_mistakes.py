"""What is wrong with a configuration: each mistake is one exact line."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from petsage.settings import ConfigError, Mistake, Settings, read

Write = Callable[[str | bytes], Path]

NOBODY = 65534
UNSET = "variable NOBODY_SET_THIS is not set (set it, or give a default: ${NOBODY_SET_THIS:-default})"
QUOTE = "not YAML: a text that starts like this must be quoted, and a line is indented with spaces, never a tab"
SYNTAX = "write ${NAME}, ${NAME:-default} or ${file:PATH}, and $$ for a dollar sign"

BAD: dict[str, tuple[str | bytes, list[str]]] = {
    "an unknown key with a near one": (
        "server:\n  port: 1\n\n\n  acess_log: all\n",
        ["5:3: server.acess_log: unknown key (did you mean 'access_log'?)"],
    ),
    "an unknown key with none near": ("server: {zzz: 1}", ["1:10: server.zzz: unknown key"]),
    "an unknown section": ("sever: {port: 1}", ["1:1: sever: unknown key (did you mean 'server'?)"]),
    "a section in capitals": ("LOG: {level: info}", ["1:1: LOG: unknown key (did you mean 'log'?)"]),
    "keys that marshmallow has a meaning for": (
        "_schema: 1\nserver: {_schema: 2}\nfeatures: {_schema: 3}",
        [
            "1:1: _schema: unknown key",
            "2:10: server._schema: unknown key",
            "3:12: features._schema: must be a mapping, not a whole number",
        ],
    ),
    "a duplicate key": (
        "server:\n  host: a\n\n\n\n  port: 1\n  port: 2\n",
        ["7:3: server.port: duplicate key (first at line 6)"],
    ),
    "a duplicate section": ("log: {}\nlog: {}\n", ["2:1: log: duplicate key (first at line 1)"]),
    "a quoted port": (
        'server: {port: "8080"}',
        ["1:10: server.port: must be a whole number, not a text (write it without quotes)"],
    ),
    "a port that is no number": ("server: {port: http}", ["1:10: server.port: must be a whole number, not a text"]),
    "a port that is true": ("server: {port: true}", ["1:10: server.port: must be a whole number, not true or false"]),
    "a port with a fraction": ("server: {port: 80.5}", ["1:10: server.port: must be a whole number, not a number"]),
    "a port without a value": ("server:\n  port:\n", ["2:3: server.port: must not be empty"]),
    "a port that is a list": ("server: {port: [1]}", ["1:10: server.port: must be a whole number, not a list"]),
    "a port out of range": ("server: {port: 65536}", ["1:10: server.port: must be between 0 and 65535"]),
    "a negative port": ("server: {port: -1}", ["1:10: server.port: must be between 0 and 65535"]),
    "a host that is a number": (
        "server: {host: 127}",
        ["1:10: server.host: must be a text, not a whole number (quote it)"],
    ),
    "an empty host": ("server: {host: ''}", ["1:10: server.host: must not be empty"]),
    "a duration without unit": (
        "server: {drain: 3}",
        ["1:10: server.drain: not a duration (write it like 250ms, 10s or 1m30s)"],
    ),
    "a negative duration": (
        "server: {shutdown: -3s}",
        ["1:10: server.shutdown: not a duration (write it like 250ms, 10s or 1m30s)"],
    ),
    "no time for clients": (
        "server: {header_timeout: 0, body_timeout: 0s, idle_timeout: 0ms, send_timeout: 0s}",
        [
            "1:10: server.header_timeout: must be longer than 0s",
            "1:29: server.body_timeout: must be longer than 0s",
            "1:47: server.idle_timeout: must be longer than 0s",
            "1:66: server.send_timeout: must be longer than 0s",
        ],
    ),
    "no connections": ("server: {max_connections: 0}", ["1:10: server.max_connections: must be between 1 and 1000000"]),
    "a size in an unknown unit": (
        "server: {max_body: 1 elephant}",
        ["1:10: server.max_body: not a size (write it like 64KiB, 1MiB or 5GB)"],
    ),
    "a body that may have no byte": (
        "server: {max_body: 0}",
        ["1:10: server.max_body: must be at least one byte (0 would not mean that there is no limit)"],
    ),
    "a body that may have less than a byte": (
        "server: {max_body: 0.4B}",
        ["1:10: server.max_body: must be at least one byte (0 would not mean that there is no limit)"],
    ),
    "a word that is no choice": (
        "server: {access_log: errors}\nlog: {level: WARN, format: xml}",
        [
            "1:10: server.access_log: must be one of failures, all, none",
            "2:7: log.level: must be one of debug, info, warning, error",
            "2:20: log.format: must be one of text, json",
        ],
    ),
    "sections that are no mappings": (
        "server: fast\nlog: [1]\nfeatures: 5\nchecks: true\nfeature_paths: features\n",
        [
            "1:1: server: must be a mapping, not a text",
            "2:1: log: must be a mapping, not a list",
            "3:1: features: must be a mapping, not a whole number",
            "4:1: checks: must be a mapping, not true or false",
            "5:1: feature_paths: must be a list, not a text",
        ],
    ),
    "features and checks that are no mappings": (
        "features: {orders: on}\nchecks:\n  db: 5\n",
        [
            "1:12: features.orders: must be a mapping, not a text",
            "3:3: checks.db: must be a mapping, not a whole number",
        ],
    ),
    "YAML 1.1's truth": (
        "features: {orders: {enabled: yes, required: 1}}",
        [
            "1:21: features.orders.enabled: must be true or false, not a text",
            "1:35: features.orders.required: must be true or false, not a whole number",
        ],
    ),
    "quoted truth": (
        "features: {orders: {enabled: 'true'}}",
        ["1:21: features.orders.enabled: must be true or false, not a text (write it without quotes)"],
    ),
    "wrong entries of a list": (
        "feature_paths:\n  - a\n  - 5\n  - ''\n  -\n  - [b]\n",
        [
            "3:5: feature_paths[1]: must be a text, not a whole number (quote it)",
            "4:5: feature_paths[2]: must not be empty",
            "5:4: feature_paths[3]: must not be empty",
            "6:5: feature_paths[4]: must be a text, not a list",
        ],
    ),
    "a feature path that is a file": ("feature_paths: [config.yml]", ["1:17: feature_paths[0]: not a folder"]),
    "a feature path that is too long": (
        f"feature_paths: [{'x' * 300}]",
        ["1:17: feature_paths[0]: cannot be listed (File name too long)"],
    ),
    "a socket path that is too long": (
        f"server: {{unix_socket: /{'s' * 107}}}",
        ["1:10: server.unix_socket: longer than 107 bytes as an absolute path"],
    ),
    "keys that are no texts": (
        "8080: a\ntrue: b\n~: c\n2.5: d\n",
        [
            "1:1: 8080: a key must be a text (quote it)",
            "2:1: true: a key must be a text (quote it)",
            "3:1: '~': a key must be a text (quote it)",
            "4:1: '2.5': a key must be a text (quote it)",
        ],
    ),
    "a key that is a list": (
        "server:\n  ? [a]\n  : 1\n",
        ["2:5: server: a key must be a text, not a list or a mapping"],
    ),
    "a merge key": ("log: &l {}\nserver:\n  <<: *l\n", ["3:3: server.'<<': merge keys are not supported"]),
    "a tag": (
        "server: {port: !!int 80}\nlog: !log {}",
        [
            "1:10: server.port: tags (words starting with '!') are not supported",
            "2:1: log: tags (words starting with '!') are not supported",
        ],
    ),
    "a tag on top": ("!!map {}", ["1:1: tags (words starting with '!') are not supported"]),
    "an unknown alias": (
        "server: {host: *host}",
        ["1:10: server.host: unknown alias (an anchor '&name' must stand before '*name')"],
    ),
    "an alias of itself": ("features: &f {a: *f}", ["1:15: features.a: an alias inside of what it stands for"]),
    "aliases that explode": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{b}: &{b} [{','.join(['*' + a] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        ["5:8: more than 20000 values, aliases followed"],
    ),
    "more values than anybody means": (
        f"features: [{'a,' * 20_000}]",
        ["1:40006: more than 20000 values, aliases followed"],
    ),
    "deep nesting": (f"a: {'[' * 100_000}", ["1:67: nested more than 64 levels deep"]),
    "deep nesting in blocks": (
        "".join(f"{' ' * level}a:\n" for level in range(100)),
        ["64:64: nested more than 64 levels deep"],
    ),
    "deep nesting by aliases": (
        f"a: &a {'[' * 40}{']' * 40}\nb: {'[' * 40}*a{']' * 40}",
        ["2:44: nested more than 64 levels deep"],
    ),
    "a number of 5,000 digits": (
        f"server: {{port: {'1' * 5000}}}",
        ["1:10: server.port: a number of 5000 characters (quote it if it is a text)"],
    ),
    "a list on top": ("- a", ["1:1: must be a mapping of keys such as 'server:', not a list"]),
    "a text on top": ("server", ["1:1: must be a mapping of keys such as 'server:', not a text"]),
    "two documents": (
        "log: {}\n---\nlog: {}\n",
        ["2:1: more than one document (a line '---' or '...' starts another)"],
    ),
    "a tab": ("server:\n\tport: 1\n", [f"2:1: {QUOTE}"]),
    "a text that must be quoted": ("server: {host: @here}", [f"1:16: {QUOTE}"]),
    "a bracket left open": (
        "feature_paths: [a\n",
        ["2:1: not YAML: did not find expected ',' or ']' (while parsing a flow sequence)"],
    ),
    "a quote left open": (
        'log: {level: "info}\n',
        ["2:1: not YAML: found unexpected end of stream (while scanning a quoted scalar)"],
    ),
    "a colon too many": ("log: level: info\n", ["1:11: not YAML: mapping values are not allowed in this context"]),
    "a variable in brackets": (
        "feature_paths: [${HOME}]",
        ["1:18: not YAML: '${' inside of [ ] or { } must be quoted, or stand in a line of its own"],
    ),
    "another version of YAML": ("%YAML 3.0\n---\n{}", ["1:1: not YAML: found incompatible YAML document"]),
    "a byte that is no UTF-8": (b"log:\n  level: \xc3\xa9 \xff", ["2:12: not UTF-8 (byte 0xff)"]),
    "half a character": (b"log: \xc3", ["1:6: not UTF-8 (byte 0xc3)"]),
    "UTF-16 cut short": (b"\xff\xfea\x00b", ["1:2: not UTF-16 (byte 0x62)"]),
    "a NUL": ("log:\n  level: \0", ["2:10: character U+0000 is not allowed"]),
    "an escape sequence": ("log: \x1b[31m", ["1:6: character U+001B is not allowed"]),
    "an escaped NUL": ('server: {host: "a\\0b"}', ["1:10: server.host: character U+0000 is not allowed"]),
    "an escaped surrogate": (
        'server: {host: "\\ud800"}',
        ["1:19: not YAML: found invalid Unicode character escape code (while parsing a quoted scalar)"],
    ),
    "keys that would upset a terminal": (
        '"\\e[31m": 1\n"a\\nb": 2\n"a b": 3\n' + f"{'k' * 100}: 4\n",
        [
            "1:1: '\\x1b[31m': unknown key",
            "2:1: 'a\\nb': unknown key",
            "3:1: 'a b': unknown key",
            f"4:1: {'k' * 59}…: unknown key",
        ],
    ),
    "a variable that is not set": (
        "server:\n  host: ${NOBODY_SET_THIS}\n",
        [f"2:3: server.host: {UNSET}"],
    ),
    "a variable with a message": (
        "server:\n  port: ${NOBODY_SET_THIS:?ask the operator}\n",
        ["2:3: server.port: variable NOBODY_SET_THIS must be set: ask the operator"],
    ),
    "malformed variables": (
        "server:\n  host: ${\n  port: ${1}\n  access_log: 5$\n",
        [
            f"2:3: server.host: '${{' without its '}}' ({SYNTAX})",
            f"3:3: server.port: malformed '${{' ({SYNTAX})",
            f"4:3: server.access_log: a single '$' ({SYNTAX})",
        ],
    ),
    "a mounted file that is not there": (
        "server:\n  host: ${file:nowhere}\n",
        ["2:3: server.host: ${file:nowhere}: no such file"],
    ),
    "mistakes of all sections and of all stages at once": (
        "server: {port: x, prot: 1, port: 2, host: !x y}\nlog: {level: loud}\n8: 1\nfeature_paths: [7]\nextra: '$'\n",
        [
            "1:10: server.port: must be a whole number, not a text",
            "1:19: server.prot: unknown key (did you mean 'port'?)",
            "1:28: server.port: duplicate key (first at line 1)",
            "1:37: server.host: tags (words starting with '!') are not supported",
            "2:7: log.level: must be one of debug, info, warning, error",
            "3:1: 8: a key must be a text (quote it)",
            "4:17: feature_paths[0]: must be a text, not a whole number (quote it)",
            f"5:1: extra: a single '$' ({SYNTAX})",
            "5:1: extra: unknown key",
        ],
    ),
}


def mistakes(source: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(source).finish()
    return str(caught.value).split("\n")


@pytest.mark.parametrize("name", BAD)
def test_a_bad_configuration_is_reported_line_by_line(write: Write, name: str) -> None:
    content, expected = BAD[name]
    assert mistakes(write(content)) == [f"config.yml:{line}" for line in expected]


def test_a_missing_file_is_told(write: Write) -> None:
    assert mistakes(Path("nope.yml")) == ["nope.yml: no such file"]


def test_a_file_is_shown_as_it_was_named_and_unable_to_upset_a_terminal(tmp_path: Path) -> None:
    assert mistakes(tmp_path / "a\n\x1b.yml") == [f"{tmp_path}/a\\n\\x1b.yml: no such file"]


def test_what_is_no_regular_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert mistakes(tmp_path / "pipe") == [f"{tmp_path}/pipe: not a regular file"]
    assert mistakes(tmp_path) == [f"{tmp_path}: a folder, not a file"]
    assert mistakes(Path("/dev/zero")) == ["/dev/zero: not a regular file"]
    assert mistakes(Path("a\0b")) == ["a\\x00b: not a file name"]
    assert mistakes(Path("/dev/null/x")) == ["/dev/null/x: not a directory"]


def test_a_file_over_1_mib_is_refused(write: Write) -> None:
    at_the_limit = write(b"#" * 1024 * 1024)
    read(at_the_limit).finish()
    assert mistakes(write(b"#" * (1024 * 1024 + 1))) == ["config.yml: larger than 1 MiB"]


def test_a_file_that_may_not_be_read_is_told(write: Write) -> None:
    source = write("{}")
    source.chmod(0)
    user = os.geteuid()
    os.seteuid(user or NOBODY)
    try:
        assert mistakes(source) == ["config.yml: may not be read (permission denied)"]
    finally:
        os.seteuid(user)


def test_a_working_directory_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(ConfigError) as caught:
        read(None)
    assert str(caught.value) == "the working directory cannot be used (no such file)"


def test_a_mapping_written_in_code_has_no_lines() -> None:
    endless: dict[str, object] = {}
    endless["a"] = endless
    draft = read({"server": {"port": "http", 5: 6}, "log": {"levl": "info"}, "features": {"x": endless}})
    with pytest.raises(ConfigError) as caught:
        draft.finish()
    assert str(caught.value).split("\n") == [
        "features: nested more than 64 levels deep",
        "log.levl: unknown key (did you mean 'level'?)",
        "server: a key must be a text, not int",
        "server.port: must be a whole number, not a text",
    ]


def test_defaults_stand_where_a_section_is_in_error(write: Write) -> None:
    draft = read(write("server: {port: x}\nlog: {level: error}\nfeatures: {a: {enabled: 5}}\nfeature_paths: [5, b]"))
    here = Path.cwd()
    assert draft.settings.server == Settings().server
    assert draft.settings.log.level == "error"
    assert draft.settings.features == {"a": Settings().feature("a")}
    assert draft.settings.feature_paths == (here / "b",)


def test_a_mistake_is_a_value_that_tools_can_use(write: Write) -> None:
    with pytest.raises(ConfigError) as caught:
        read(write("log: {level: x}")).finish()
    text = "must be one of debug, info, warning, error"
    assert caught.value.problems == (Mistake(text=text, path=("log", "level"), file="config.yml", place=(1, 7)),)
