"""Reading what is right: defaults, a file, a mapping, and sections of other owners."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from marshmallow import Schema, fields

from petsage.settings import FeatureSettings, LogSettings, ServerSettings, Settings, read

Write = Callable[[str | bytes], Path]
REPOSITORY = Path(__file__).parents[3]


class OrdersSchema(Schema):
    limit = fields.Integer(strict=True, load_default=10)
    name = fields.String(data_key="display-name", load_default="orders")


def test_nothing_but_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    draft = read(None)
    draft.finish()
    assert draft.settings == Settings()
    assert draft.settings == Settings(
        server=ServerSettings(
            host="0.0.0.0",
            port=8080,
            unix_socket=None,
            drain=3.0,
            shutdown=5.0,
            start_timeout=30.0,
            max_body=1024 * 1024,
            access_log="failures",
        ),
        log=LogSettings(level="info", format="text"),
        feature_paths=(tmp_path / "features",),
        features={},
        base=tmp_path,
    )
    assert draft.names("features") == ()


def test_the_shipped_file_says_what_the_defaults_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shipped, defaults = read(REPOSITORY / "config.yml"), read(None)
    shipped.finish()
    at_home = replace(shipped.settings, base=tmp_path, feature_paths=(tmp_path / "features",), features={})
    assert at_home == defaults.settings
    assert shipped.settings.base == REPOSITORY
    assert shipped.settings.feature_paths == (REPOSITORY / "features",)
    assert shipped.settings.features == {"smoke_test": FeatureSettings()}
    assert shipped.raw(("features", "smoke_test")) == {
        "enabled": True,
        "required": True,
        "built_in": True,
        "message": "PetSage builder is functional!",
    }


def test_the_shipped_file_leaves_no_key_out() -> None:
    draft = read(REPOSITORY / "config.yml")
    assert set(draft.raw(("server",))) == set(ServerSettings._fields)
    assert set(draft.raw(("log",))) == set(LogSettings._fields)
    assert draft.raw(("feature_paths",)) == ["features"]


def test_every_key_of_the_core(write: Write) -> None:
    source = write(
        """
        server:
          host: "::1"
          port: 0
          unix_socket: run/petsage.sock
          drain: 250ms
          shutdown: 1m30s
          start_timeout: 0
          max_body: 64KiB
          access_log: none
        log: {level: debug, format: json}
        feature_paths: [mine, /srv/features]
        features:
          orders: {enabled: false, required: false, limit: 5}
          pets:
        checks:
          db: {kind: tcp}
        """
    )
    draft = read(source)
    draft.finish()
    here = Path.cwd()
    assert draft.settings == Settings(
        server=ServerSettings(
            host="::1",
            port=0,
            unix_socket=here / "run/petsage.sock",
            drain=0.25,
            shutdown=90.0,
            start_timeout=0.0,
            max_body=65536,
            access_log="none",
        ),
        log=LogSettings(level="debug", format="json"),
        feature_paths=(here / "mine", Path("/srv/features")),
        features={"orders": FeatureSettings(enabled=False, required=False), "pets": FeatureSettings()},
        base=here,
    )
    assert draft.names("features") == ("orders", "pets")
    assert draft.names("checks") == ("db",)
    assert draft.names("feature_paths") == draft.names("nothing") == ()


def test_a_mapping_written_in_code_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    draft = read(
        {
            "server": {"port": 0, "host": "$HOST", "unix_socket": Path("a.sock"), "drain": "0s"},
            "feature_paths": (tmp_path / "x", "y"),
            "features": {"orders": {"limit": 3}},
        }
    )
    draft.finish()
    assert draft.settings == Settings(
        server=ServerSettings(port=0, host="$HOST", unix_socket=tmp_path / "a.sock", drain=0.0),
        feature_paths=(tmp_path / "x", tmp_path / "y"),
        features={"orders": FeatureSettings()},
        base=tmp_path,
    )


@pytest.mark.parametrize(
    "content", ["", "# nothing\n", "---\n", "~", "null\n...\n", "{}", "server:\nlog:\nfeatures:\n"]
)
def test_a_file_that_says_nothing_leaves_the_defaults(write: Write, content: str) -> None:
    draft = read(write(content))
    draft.finish()
    assert draft.settings == Settings()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_of_yaml_are_read(write: Write, encoding: str) -> None:
    draft = read(write("server: {host: häß.example}".encode(encoding)))
    draft.finish()
    assert draft.settings.server.host == "häß.example"


def test_the_file_behind_a_link_is_read_and_paths_start_at_the_link(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/real.yml").write_text("log: {level: error}")
    (tmp_path / "config.yml").symlink_to("data/real.yml")
    draft = read(tmp_path / "config.yml")
    draft.finish()
    assert draft.settings == Settings(
        log=LogSettings(level="error"), feature_paths=(tmp_path / "features",), base=tmp_path
    )


def test_a_section_is_loaded_by_its_owners_schema_without_the_shared_keys(write: Write) -> None:
    draft = read(write("features: {orders: {enabled: true, display-name: o}, pets: }"))
    shared = {"enabled", "required"}
    assert draft.load(("features", "orders"), OrdersSchema(), without=shared) == {"limit": 10, "name": "o"}
    assert draft.load(("features", "pets"), OrdersSchema()) == {"limit": 10, "name": "orders"}
    assert draft.load(("features", "absent"), OrdersSchema()) == {"limit": 10, "name": "orders"}
    assert draft.load(("checks", "absent"), OrdersSchema()) == {"limit": 10, "name": "orders"}
    draft.finish()


def test_an_absent_feature_has_the_default_section() -> None:
    settings = Settings(features={"orders": FeatureSettings(enabled=False)})
    assert settings.feature("orders") == FeatureSettings(enabled=False)
    assert settings.feature("pets") == FeatureSettings(enabled=True, required=True, own=None)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().server.port = 1  # type: ignore[misc]  # that is what is tried


def test_aliases_are_resolved(write: Write) -> None:
    draft = read(write("features: {a: &a {enabled: false}, b: *a}\nfeature_paths: [&x one, *x]"))
    draft.finish()
    assert draft.settings.features == {"a": FeatureSettings(enabled=False), "b": FeatureSettings(enabled=False)}
    assert draft.settings.feature_paths == (Path.cwd() / "one", Path.cwd() / "one")


def test_defaults_do_without_the_yaml_library() -> None:
    code = "import sys; from petsage.settings import read; read(None).finish(); print('yaml' in sys.modules)"
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    assert (ran.stdout, ran.stderr) == ("False\n", "")
