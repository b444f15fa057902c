"""`petsage config check` and `petsage config show`: output and exit status."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from petsage.cli import main
from petsage.settings import read

Write = Callable[[str | bytes], Path]
MASK = "********"

ORDERS = '''
"""Takes orders."""
from dataclasses import dataclass
from marshmallow import Schema, fields, post_load
from petsage.feature import Contribution
from petsage.fields import Duration, SecretText

@dataclass(frozen=True)
class OrdersSettings:
    limit: int = 10
    wait: float = 90.0
    pin: object = None

class OrdersSchema(Schema):
    limit = fields.Integer(strict=True)
    wait = Duration()
    pin = SecretText()

    @post_load
    def made(self, data, **kwargs):
        return OrdersSettings(**data)

settings_schema = OrdersSchema()

def setup(core, settings):
    return Contribution()
'''


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["config", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def features(tmp_path: Path) -> Path:
    folder = tmp_path / "features"
    folder.mkdir()
    (folder / "orders.py").write_text(ORDERS)
    return folder


def test_check_says_ok(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("log: {level: debug}")
    assert ran(capsys, "check") == (0, "config.yml: ok\n", "")
    Path("other.yml").write_text("{}")
    assert ran(capsys, "check", "other.yml") == (0, "other.yml: ok\n", "")


def test_check_says_that_there_is_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ran(capsys, "check") == (0, "defaults (there is no ./config.yml): ok\n", "")
    assert ran(capsys, "check", "nope.yml") == (1, "", "nope.yml: no such file\n")


@pytest.mark.usefixtures("features")
def test_check_reports_the_mistakes_of_all_sections_together(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        dedent(
            """\
            server:
              acess_log: all
            features:
              orders:
                limit: "5"
                enabld: true
              orderz: {}
              smoke_test:
                mesage: hi
            """
        )
    )
    lines = [
        "config.yml:2:3: server.acess_log: unknown key (did you mean 'access_log'?)",
        "config.yml:5:5: features.orders.limit: must be a whole number, not a text (write it without quotes)",
        "config.yml:6:5: features.orders.enabld: unknown key (did you mean 'enabled'?)",
        "config.yml:7:3: features.orderz: no such feature (did you mean 'orders'?)",
        "config.yml:9:5: features.smoke_test.mesage: unknown key (did you mean 'message'?)",
    ]
    expected = (1, "", "".join(f"{line}\n" for line in lines))
    assert ran(capsys, "check") == expected
    assert ran(capsys, "show") == expected


def test_check_says_which_section_it_could_not_check(
    write: Write, features: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (features / "broken.py").write_text("raise RuntimeError('no')")
    write("features: {broken: {what: ever}}")
    note = "features.broken: not checked: the feature cannot be imported (RuntimeError)\n"
    assert ran(capsys, "check") == (0, "config.yml: ok\n", note)


@pytest.mark.usefixtures("features")
def test_show_prints_every_key_with_its_value(
    write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEVEL", "error")
    write("log: {level: $LEVEL}\nfeatures:\n  orders: {pin: hunter2, limit: 7}\n  smoke_test: {message: Grüße}\n")
    status, out, err = ran(capsys, "show")
    assert (status, err) == (0, "")
    shown = yaml.safe_load(out)
    assert out.startswith("# config.yml\nserver:\n  host: 0.0.0.0\n  port: 8080\n")
    assert shown["log"] == {"level": "error", "format": "text"}
    assert shown["feature_paths"] == [str(Path.cwd() / "features")]
    assert shown["features"]["smoke_test"] == {"enabled": True, "required": True, "message": "Grüße"}
    orders = {"enabled": True, "required": True, "pin": MASK, "limit": 7, "wait": "1m30s"}
    assert shown["features"]["orders"] == orders
    assert "hunter2" not in out


def test_what_show_prints_can_be_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = ran(capsys, "show")
    assert (status, err) == (0, "")
    Path("shown.yml").write_text(out)
    again = read(Path("shown.yml"))
    again.finish()
    defaults = read(None).settings
    settings = (again.settings.server, again.settings.log, again.settings.feature_paths)
    assert settings == (defaults.server, defaults.log, defaults.feature_paths)


def test_letters_that_the_output_does_not_know_are_escaped(
    write: Write, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    write("features: {smoke_test: {message: Grüße}}")
    with open(1, "w", encoding="ascii", closefd=False) as plain:
        monkeypatch.setattr(sys, "stdout", plain)
        assert main(["config", "show"]) == 0
    assert b'message: "Gr\\xFC\\xDFe"\n' in capfdbinary.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["chek"], ["check", "--all"]])
def test_misuse_is_reported(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["config", *arguments])
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.splitlines()[0].startswith("usage: petsage")) == ("", True)


def test_a_command_can_be_called_in_another_thread(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("server: {port: 0}\n")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(main, ["config", "check", str(config)]).result() == 0
