import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from petsage.checks.kinds import Kind, KindError, Origin, find_kinds, resolve_paths
from petsage.checks.kinds.disk import Disk, Threshold
from petsage.checks.kinds.tcp import Tcp

NAMES = ["command", "disk", "dns", "file", "http", "mysql", "postgres", "redis", "tcp", "tls"]

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    monkeypatch.syspath_prepend(tmp_path)

    def distribution(name: str, entry_points: str, **modules: str) -> None:
        metadata = tmp_path / f"{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[petsage.checks]\n{entry_points}\n")
        for module, source in modules.items():
            (tmp_path / f"{module}.py").write_text(source)

    return distribution


def test_a_kind_is_a_module_and_listing_imports_none() -> None:
    program = (
        "import sys; from petsage.checks.kinds import find_kinds; print(*find_kinds());"
        "print(*[name for name in sys.modules if name.startswith('petsage.checks.kinds.')])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert shown == " ".join(NAMES) + "\n\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_offers_its_schema_and_whether_it_is_external(name: str) -> None:
    kind = find_kinds()[name]
    module = kind.load()
    assert kind == Kind(name, (Origin(f"petsage.checks.kinds.{name}"),))
    assert module.external is (name not in {"disk", "file"})
    assert module.schema.load.__self__ is module.schema


def test_other_distributions_add_kinds(install: Install) -> None:
    source = "from marshmallow import Schema\nschema = Schema()\nexternal = True\n"
    install("acme", "kafka = acme_kafka", acme_kafka=source)
    kind = find_kinds()["kafka"]
    assert kind == Kind("kafka", (Origin("acme_kafka", "acme"),))
    assert kind.load().external is True


def test_broken_metadata_of_a_distribution_hides_no_kind_of_another(install: Install, tmp_path: Path) -> None:
    install("acme", "kafka = acme_kafka")
    install("bare", "pulsar = bare_pulsar")
    (tmp_path / "bare-1.0.dist-info" / "METADATA").unlink()
    install("broken", "no equals sign")
    kinds = find_kinds()
    assert kinds["kafka"] == Kind("kafka", (Origin("acme_kafka", "acme"),))
    assert kinds["pulsar"] == Kind("pulsar", (Origin("bare_pulsar", "an unknown distribution"),))
    assert set(kinds) == {*NAMES, "kafka", "pulsar"}


def test_a_name_that_is_claimed_twice_names_both_places(install: Install) -> None:
    install("acme", "redis = acme_redis")
    install("beta", "kafka = beta_kafka")
    install("gamma", "kafka = gamma_kafka")
    kinds = find_kinds()
    with pytest.raises(KindError) as redis:
        kinds["redis"].load()
    with pytest.raises(KindError) as kafka:
        kinds["kafka"].load()
    assert str(redis.value) == (
        "kind 'redis' is defined more than once: petsage.checks.kinds.redis and acme_redis (of acme)"
    )
    places = "beta_kafka (of beta)", "gamma_kafka (of gamma)"
    assert str(kafka.value) in {
        f"kind 'kafka' is defined more than once: {' and '.join(order)}" for order in (places, places[::-1])
    }
    assert kinds["tcp"].load().external is True


def test_a_kind_that_cannot_be_imported_says_whose_it_is(install: Install) -> None:
    install("acme", "broken = acme_broken", acme_broken="raise RuntimeError('no luck')")
    with pytest.raises(KindError) as raised:
        find_kinds()["broken"].load()
    assert str(raised.value) == ("kind 'broken': acme_broken (of acme) cannot be imported: RuntimeError('no luck')")


def test_a_module_that_is_no_kind_says_what_it_lacks(install: Install) -> None:
    install("acme", "odd = acme_odd", acme_odd="schema = {}\n")
    with pytest.raises(KindError) as raised:
        find_kinds()["odd"].load()
    assert str(raised.value) == "kind 'odd': acme_odd (of acme) lacks schema and external"


def test_relative_paths_start_where_the_configuration_is() -> None:
    assert resolve_paths(Disk(path=Path("data"), warn_below=Threshold(percent=3)), Path("/etc/petsage")) == Disk(
        path=Path("/etc/petsage/data"), warn_below=Threshold(percent=3)
    )
    assert resolve_paths(Disk(path=Path("/data")), Path("/etc/petsage")) == Disk(path=Path("/data"))
    assert resolve_paths(Tcp(host="db", port=1), Path("/etc")) == Tcp(host="db", port=1)
    assert resolve_paths(print, Path("/etc")) is print
