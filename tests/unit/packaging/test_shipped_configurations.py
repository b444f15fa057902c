"""Shipped configurations and those of the docs: a variable may have any value, and its type does not change."""

import re
from pathlib import Path

import pytest
import yaml

from petsage.bootstrap import load
from petsage.checks import CheckSpec
from petsage.core.declared_checks import SCHEDULE
from petsage.settings import FeatureSettings, Settings
from tests.support.checkout import CHECKOUT

KUBERNETES = CHECKOUT / "deploy" / "kubernetes" / "petsage.yml"
LOOKING_LIKE_SOMETHING_ELSE = [
    "1234567890123456",
    "0x1234567890abcdef",
    "1e12345678901234",
    "1_000_000_000_000_000",
    "0o12345670123456",
    "1.234567890123456",
    "2026-11-23T03:38:41Z",
    "10:20:30:40:50:59",
    "[0123456789abcdef]",
    "{0123456789abcdef}",
    "#0123456789abcdef",
    "*0123456789abcdef",
    "0123456789abcdef:",
    '"0123456789abcdef"',
    "!0123456789abcdef",
]


def config_of_kubernetes(folder: Path) -> Path:
    given = yaml.safe_load_all(KUBERNETES.read_text())
    path = folder / "config.yml"
    path.write_text(next(one for one in given if one["kind"] == "ConfigMap")["data"]["config.yml"])
    return path


@pytest.mark.parametrize("token", LOOKING_LIKE_SOMETHING_ELSE)
def test_on_kubernetes_any_token_is_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("HEALTH_TOKEN", token)
    settings = load(config_of_kubernetes(tmp_path)).core.settings()
    assert settings.feature("health").own.token.reveal() == token


@pytest.mark.parametrize("token", [None, ""])
def test_on_kubernetes_no_secret_means_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    monkeypatch.delenv("HEALTH_TOKEN", raising=False)
    if token is not None:
        monkeypatch.setenv("HEALTH_TOKEN", token)
    assert load(config_of_kubernetes(tmp_path)).core.settings().feature("health").own.token is None


FOLDERS = ("deploy", "examples", "docs", "petsage")
LONE = re.compile(
    r"^ *(?:- )?[\w.-]+: +(\$\{[^}]*\})(?= *(?:#|,|\}|$))|[{,] *[\w.-]+: +(\$\{[^}]*\})(?= *[,}])", re.MULTILINE
)
"""A value that is one variable and stands without quotes."""


def shown() -> list[Path]:
    """Return what is shipped or shown of our configuration; Compose's own files fill in variables as texts."""
    files = [CHECKOUT / "config.yml", *CHECKOUT.glob("*.md")]
    files += [path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*") if path.suffix in (".yml", ".md")]
    return [path for path in files if "docker-compose" not in path.name]


def test_a_value_that_is_a_variable_is_quoted() -> None:
    assert LONE.findall("a: ${X}\n  b: ${Y:-} # c\nc: {d: ${Z}}\n") == [("${X}", ""), ("${Y:-}", ""), ("", "${Z}")]
    files = shown()
    assert {path.name for path in files} >= {"config.yml", "petsage.yml", "README.md", "commands.md"}
    assert {str(path): found for path in files if (found := LONE.findall(path.read_text()))} == {}


def test_config_yml_names_every_key_with_its_default() -> None:
    written = yaml.safe_load((CHECKOUT / "config.yml").read_text())
    settings, plain = load(CHECKOUT / "config.yml").core.settings(), Settings(base=CHECKOUT)
    assert list(written["server"]) == list(plain.server._fields)
    assert list(written["log"]) == list(plain.log._fields)
    assert set(FeatureSettings._fields) - set(written["features"]["smoke_test"]) == {"own"}
    assert (settings.server, settings.log) == (plain.server, plain.log)
    assert settings.feature("smoke_test")._replace(own=None) == plain.feature("smoke_test")


def test_config_yml_names_every_key_of_a_check_with_its_default() -> None:
    text = (CHECKOUT / "config.yml").read_text()
    (example,) = re.findall(r"^#   db:\n(?:#     .*\n)+", text, re.MULTILINE)
    given = yaml.safe_load(re.sub(r"^# ", "", example, flags=re.MULTILINE))["db"]
    assert set(given) == {"kind", "host", *SCHEDULE.fields}
    keys = SCHEDULE.load({name: value for name, value in given.items() if name in SCHEDULE.fields})
    default = CheckSpec("db", lambda: None)
    assert keys.pop("down_interval") == default.interval
    assert keys.pop("max_age") == default.lifetime()
    assert {name: tuple(value) if name == "probes" else value for name, value in keys.items()} == {
        name: getattr(default, name) for name in keys
    }
