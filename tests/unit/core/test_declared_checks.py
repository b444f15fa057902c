"""The section `checks`: what it takes, and what it says of mistakes."""

from pathlib import Path
from typing import Any

import pytest

from petsage.bootstrap import load
from petsage.checks import CheckSpec, Severity
from petsage.checks.kinds.disk import Disk
from petsage.checks.kinds.file import File
from petsage.settings import ConfigError

DISK = {"kind": "disk", "path": "/"}
KINDS = "command, disk, dns, file, http, mysql, postgres, redis, tcp, tls"


def specs(checks: dict[str, Any]) -> tuple[CheckSpec, ...]:
    return load({"checks": checks}).core.declared_checks()


def test_a_kind_and_its_name_are_enough_where_all_has_a_default() -> None:
    (spec,) = specs({"root": DISK})
    assert spec == CheckSpec("root", spec.check, origin="checks.root", external=False, component_type="system")
    assert isinstance(spec.check, Disk)


def test_every_key_of_the_schedule_is_taken() -> None:
    keys = {
        "probes": ["live", "startup"],
        "severity": "degraded",
        "interval": "3s",
        "down_interval": "1s",
        "timeout": "500ms",
        "fall": 3,
        "rise": 2,
        "max_age": "1m",
        "enabled": False,
    }
    (spec,) = specs({"root": {**DISK, **keys}})
    assert (spec.probes, spec.severity, spec.interval, spec.down_interval) == (
        ("live", "startup"),
        Severity.DEGRADED,
        3,
        1,
    )
    assert (spec.timeout, spec.fall, spec.rise, spec.max_age, spec.enabled) == (0.5, 3, 2, 60, False)


def test_a_spec_has_what_its_kind_says_of_itself() -> None:
    (spec,) = specs({"db": {"kind": "postgres", "host": "db"}})
    assert (spec.external, spec.component_type) == (True, "datastore")
    (spec,) = specs({"port": {"kind": "tcp", "host": "db", "port": 1}})
    assert (spec.external, spec.component_type) == (True, None)


def test_paths_begin_at_the_folder_of_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("checks: {beat: {kind: file, path: beat.txt}}\n")
    (spec,) = load(config).core.declared_checks()
    assert isinstance(spec.check, File)
    assert spec.check.path == tmp_path / "beat.txt"


MISTAKES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no kind": ({"w": {}}, [f"checks.w: kind is missing (one of {KINDS})"]),
    "an empty entry": ({"w": None}, [f"checks.w: kind is missing (one of {KINDS})"]),
    "an empty entry of a feature": (
        {"health.db": None},
        [
            (
                "checks.'health.db': is empty: it overrides nothing (the keys are down_interval, enabled, fall, "
                "interval, max_age, probes, rise, severity, timeout)"
            )
        ],
    ),
    "an empty entry of no feature": (
        {"helth.db": None},
        ["checks.'helth.db': no such feature (did you mean 'health'?)"],
    ),
    "an unknown kind": ({"w": {"kind": "redsi"}}, ["checks.w.kind: unknown kind (did you mean 'redis'?)"]),
    "a kind like no other": ({"w": {"kind": "zzz"}}, [f"checks.w.kind: unknown kind (the kinds are {KINDS})"]),
    "a kind that is no text": ({"w": {"kind": 3}}, [f"checks.w.kind: unknown kind (the kinds are {KINDS})"]),
    "unknown keys": (
        {"w": {**DISK, "pth": "/", "intervall": "1s"}},
        [
            "checks.w.intervall: unknown key (did you mean 'interval'?)",
            "checks.w.pth: unknown key (did you mean 'path'?)",
        ],
    ),
    "wrong values": (
        {"w": {**DISK, "interval": 0, "fall": 0, "severity": "bad", "probes": ["alive"], "enabled": "yes"}},
        [
            "checks.w.enabled: must be true or false, not a text",
            "checks.w.fall: must be at least 1",
            "checks.w.interval: must be longer than 0s",
            "checks.w.probes[0]: must be one of live, ready, startup",
            "checks.w.severity: must be one of critical, degraded",
        ],
    ),
    "the name of a built-in check": (
        {"shutdown": DISK},
        ["checks.shutdown: a built-in check has this name: choose another"],
    ),
    "a name of a feature": (
        {"health.db": DISK},
        [
            (
                "checks.'health.db': names that begin with 'health.' belong to the feature: "
                "choose another, or omit kind to override"
            )
        ],
    ),
    "a name that is none": (
        {"b d": DISK},
        [
            "checks.'b d': a name is up to 100 letters, digits, `_`, `-` and `.`, and begins with a letter or digit",
        ],
    ),
    "an override of a feature that is not there": (
        {"helth.db": {"interval": "1s"}},
        ["checks.'helth.db': no such feature (did you mean 'health'?)"],
    ),
    "a check in liveness that leaves the process": (
        {"w": {"kind": "tcp", "host": "db", "port": 1, "probes": ["live"]}},
        [
            (
                "checks.w.probes: a check of kind 'tcp' asks something outside this process, so it cannot be in 'live'"
                ": while that is down every replica would be restarted, which repairs nothing; use 'ready' or 'startup'"
            )
        ],
    ),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_named_with_its_place_and_the_way_out(kind: str) -> None:
    checks, lines = MISTAKES[kind]
    with pytest.raises(ConfigError) as caught:
        load({"checks": checks})
    assert sorted(str(caught.value).splitlines()) == sorted(lines)


def test_an_empty_entry_of_a_file_is_a_mistake_at_its_place(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("checks:\n  db:\n  root: {kind: disk, path: /}\n")
    with pytest.raises(ConfigError) as caught:
        load(config)
    assert str(caught.value) == f"{config}:2:3: checks.db: kind is missing (one of {KINDS})"


def test_a_section_of_checks_without_any_is_no_mistake(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("checks:\n")
    assert load(config).core.declared_checks() == ()


def test_a_folder_of_features_that_is_missing_is_a_mistake_unless_it_is_the_default(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("feature_paths: [features, ./features, featurs, /no/such/folder, config.yml]\n")
    with pytest.raises(ConfigError) as caught:
        load(config)
    assert str(caught.value).splitlines() == [
        f"{config}:1:39: feature_paths[2]: no such folder",
        f"{config}:1:48: feature_paths[3]: no such folder",
        f"{config}:1:65: feature_paths[4]: not a folder",
    ]
    (tmp_path / "featurs").mkdir()
    config.write_text("feature_paths: [features, featurs]\n")
    assert load(config).core.settings().feature_paths == (tmp_path / "features", tmp_path / "featurs")
    with pytest.raises(ConfigError, match=r"^feature_paths\[0\]: no such folder$"):
        load({"feature_paths": [str(tmp_path / "gone")]})
