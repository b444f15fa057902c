"""Log lines: nothing secret in them, none forged, none longer than it should be, whoever wrote what is in them."""

import ast
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from aiohttp.http_exceptions import BadHttpMessage
from pythonjsonlogger.json import JsonFormatter

import petsage
from petsage.logs import Redacting, TextFormatter, get_logger
from petsage.redaction import Secret
from tests.support.fuzzing import some
from tests.support.growth import MAX_GROWTH, growth

M = "********"
FORGED = "2026-01-01 00:00:00,000 ERROR petsage.server: forged"
HOSTILE = f"a\n{FORGED}\x1b[31m\r{FORGED}\x85{FORGED}\u2028{FORGED}\u202e\x00"
RECORD = re.compile(r"\S+ \S+ [A-Z]+ \S+: ")


class Log:
    """A logger of its own, and what it wrote."""

    def __init__(self, writer: logging.Formatter) -> None:
        self._stream = io.StringIO()
        self.logger = logging.Logger("somebody.else")  # noqa: LOG001 (of this test alone)
        handler = logging.StreamHandler(self._stream)
        handler.setFormatter(Redacting(writer))
        self.logger.addHandler(handler)

    @property
    def lines(self) -> list[str]:
        return self._stream.getvalue().split("\n")[:-1]


@pytest.fixture
def text() -> Log:
    return Log(TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))


@pytest.fixture
def as_json() -> Log:
    return Log(JsonFormatter(["levelname", "message"]))


def raised(message: object) -> Exception:
    try:
        raise ValueError(message)  # noqa: TRY301 (its traceback is wanted)
    except ValueError as error:
        return error


def test_a_message_forges_no_line_and_a_terminal_obeys_none(text: Log) -> None:
    text.logger.warning("got %s", HOSTILE)
    assert [bool(RECORD.match(line)) for line in text.lines] == [True, False]
    assert text.lines[0].endswith("WARNING somebody.else: got a")
    assert text.lines[1] == rf"    {FORGED}\x1b[31m\r{FORGED}\x85{FORGED}\u2028{FORGED}\u202e\x00"


def test_a_traceback_is_as_readable_as_ever_and_forges_no_line(text: Log) -> None:
    text.logger.error("failed", exc_info=raised(HOSTILE), stack_info=True)
    assert [bool(RECORD.match(line)) for line in text.lines].count(True) == 1
    assert text.lines[1] == "    Traceback (most recent call last):"
    assert text.lines[2].startswith('      File "')
    assert "    ValueError: a" in text.lines
    assert "    Stack (most recent call last):" in text.lines
    assert all(line.isprintable() for line in text.lines)
    assert all(line.startswith("    ") for line in text.lines[1:])


def test_arguments_that_do_not_fit_cost_no_line(text: Log) -> None:
    class Hostile:
        def __str__(self) -> str:
            raise RuntimeError("no")

    text.logger.error("%d dogs", "no")
    text.logger.error("%s", Hostile())
    text.logger.error("failed", exc_info=raised(Hostile()), extra={"dog": Hostile()})
    records = [line for line in text.lines if RECORD.match(line)]
    assert [line.partition(": ")[2] for line in records] == [
        "%d dogs (its arguments cannot be written: TypeError)",
        "%s (its arguments cannot be written: RuntimeError)",
        "failed",
    ]


def test_a_line_of_json_is_one_line_and_its_members_hold_no_secret(as_json: Log) -> None:
    secret = Secret("hunter22")
    error = raised(f"redis://:pw@host\n{FORGED}")
    extra = {
        "path": "/x?token=abc",
        "api_key": "abc",
        "all": {"password": "x", "deep": ["hunter22"]},
        "url": Path("hunter22"),
        "n": 1,
    }
    as_json.logger.error("said %s", HOSTILE + "hunter22", exc_info=error, extra=extra)
    (line,) = as_json.lines
    written = json.loads(line)
    assert line.isascii()
    assert written["message"] == f"said {HOSTILE}{M}"
    assert written["exc_info"].endswith(f"ValueError: redis://:{M}@host\n{FORGED}")
    assert {name: written[name] for name in extra} == {
        "path": f"/x?token={M}",
        "api_key": M,
        "all": {"password": M, "deep": [M]},
        "url": M,
        "n": 1,
    }
    assert "hunter22" not in line
    assert secret.reveal() == "hunter22"


def test_a_record_is_left_as_it_is_for_other_handlers(text: Log) -> None:
    seen: list[logging.LogRecord] = []
    text.logger.addHandler(_Collecting(seen))
    text.logger.error("said %s", "password=x", exc_info=raised("password=x"))
    assert (seen[0].msg, seen[0].args, bool(seen[0].exc_info), seen[0].exc_text) == (
        "said %s",
        ("password=x",),
        True,
        None,
    )


class _Collecting(logging.Handler):
    def __init__(self, seen: list[logging.LogRecord]) -> None:
        super().__init__()
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        self._seen.append(record)


def test_of_what_is_too_long_the_beginning_is_kept_and_of_a_traceback_the_end_too(text: Log) -> None:
    text.logger.error("x" * 1_000_000)
    text.logger.error("failed", exc_info=raised("begin" + "x" * 1_000_000 + "\nthe end"))
    whole = "\n".join(text.lines)
    assert len(whole) < 100_000
    assert "ValueError: begin" in whole
    assert text.lines[-1] == "    the end"


@pytest.fixture
def hosts(caplog: pytest.LogCaptureFixture) -> Iterator[logging.Logger]:
    logger = get_logger("petsage.tests.of_a_host")
    yield logger
    logger.filters.clear()


def test_our_loggers_mask_in_whatever_application_they_log(
    hosts: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Secret("hunter22")
    hosts.error("said %s", "hunter22", exc_info=raised("hunter22"), extra={"path": "?token=x"})
    hosts.error("plain %s", 1, exc_info=raised("plain"))
    masked, plain = caplog.records
    assert "hunter22" not in caplog.text
    assert (masked.getMessage(), vars(masked)["path"], masked.exc_info) == (f"said {M}", f"?token={M}", None)
    assert str(masked.exc_text).endswith(f"ValueError: {M}")
    assert (plain.msg, plain.args, plain.exc_info is None) == ("plain %s", (1,), False)
    assert get_logger(hosts.name) is hosts
    assert len(hosts.filters) == 1
    assert secret.reveal() == "hunter22"


def test_every_logger_of_the_package_masks() -> None:
    bare = [
        f"{path}:{node.lineno}"
        for path in Path(petsage.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"logging.getLogger", "getLogger"} and node.args
        if path.name != "logs.py"
    ]
    assert bare == []


FORMATS = {
    "text": TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"),
    "json": JsonFormatter(["levelname", "message"]),
}
WAYS: dict[str, Callable[[str], dict[str, Any]]] = {
    "message": lambda text: {"msg": text},
    "argument": lambda text: {"msg": "got %s", "args": (text,)},
    "representation": lambda text: {"msg": "got %r", "args": ({"header": text},)},
    "exception": lambda text: {"msg": "failed", "exc_info": (ValueError, ValueError(text), None)},
    "text of an exception": lambda text: {"msg": "failed", "exc_text": text},
    "stack": lambda text: {"msg": "failed", "stack_info": text},
    "member": lambda text: {"msg": "failed", "path": text},
    "malformed request": lambda text: {"msg": "failed", "exc_info": (BadHttpMessage, BadHttpMessage(text), None)},
}
WORST = ["a.", "a.a://", "?key", "password='", "\n", "\x1b", "é\x85", "%41", "…", "secret-value-"]


@pytest.mark.parametrize(("form", "way", "piece"), some(product(FORMATS, WAYS, WORST)))
def test_the_cost_of_a_line_grows_with_what_is_in_it_at_most(form: str, way: str, piece: str) -> None:
    secrets = [Secret(f"secret-value-{number}'x") for number in range(20)]
    formatter = Redacting(FORMATS[form])

    def write(size: int) -> str:
        text = piece * (size // len(piece)) + "@"
        return formatter.format(logging.makeLogRecord(WAYS[way](text)))

    assert growth(write, 100_000) <= MAX_GROWTH
    assert len(write(1_000_000)) < 1_000_000
    assert len(secrets) == 20
