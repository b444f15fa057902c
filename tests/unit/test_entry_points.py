"""Entry points are found wherever importlib.metadata finds distributions; no distribution hides another's."""

import sys
import zipfile
from collections.abc import Callable
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from petsage.distributions import EntryPointInfo, find_entry_points

GROUP = "petsage.test-only"
TEXT = f"[{GROUP}]\nname = module:thing\n"
ORDERS = EntryPointInfo("name", "module:thing", "orders")


def distribution(folder: Path, name: str = "orders-1.0.dist-info", text: str | None = TEXT) -> Path:
    metadata = folder / name
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: orders\nVersion: 1.0\n")
    (metadata / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: orders\nVersion: 1.0\n")
    if text is not None:
        (metadata / "entry_points.txt").write_text(text)
    return metadata


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that modules and distributions are looked for in."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_group_that_no_distribution_names_has_no_entry_points(folder: Path) -> None:
    distribution(folder, text="[console_scripts]\norders = orders:main\n")
    distribution(folder, "stock-1.0.dist-info", text=None)
    (folder / "old.egg-info").write_text("Metadata-Version: 1.0\nName: old\nVersion: 1\n")
    assert find_entry_points(GROUP) == []


@pytest.mark.parametrize("name", ["orders-1.0.dist-info", "orders.egg-info", "Orders-1.0.DIST-INFO"])
def test_a_distribution_in_a_folder_is_found(folder: Path, name: str) -> None:
    distribution(folder, name)
    assert find_entry_points(GROUP) == [ORDERS]


def test_an_egg_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    egg = folder / "orders-1.0-py3.egg"
    distribution(egg, "EGG-INFO")
    monkeypatch.syspath_prepend(str(egg))
    assert find_entry_points(GROUP) == [ORDERS]


def test_a_distribution_in_an_archive_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(folder / "orders.zip", "w") as archive:
        archive.writestr("orders-1.0.dist-info/METADATA", "Name: orders\n")
        archive.writestr("orders-1.0.dist-info/entry_points.txt", TEXT)
    monkeypatch.syspath_prepend(str(folder / "orders.zip"))
    assert find_entry_points(GROUP) == [ORDERS]


def test_a_distribution_that_another_finder_knows_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = distribution(tmp_path)

    class Finder:
        def find_spec(self, *_: object) -> None:
            return None

        def find_distributions(self, *_: object) -> list[Distribution]:
            return [Distribution.at(metadata)]

    assert find_entry_points(GROUP) == []
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    assert find_entry_points(GROUP) == [ORDERS]


def test_entry_points_in_a_folder_where_their_file_should_be_hide_no_others(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    distribution(folder)
    (distribution(folder, "broken-1.0.dist-info", text=None) / "entry_points.txt").mkdir()
    assert find_entry_points(GROUP) == [ORDERS]
    assert caplog.messages == []


def test_a_folder_that_is_not_there_hides_no_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(folder)
    monkeypatch.syspath_prepend(str(folder / "none"))
    assert find_entry_points(GROUP) == [ORDERS]


def nothing(metadata: Path) -> None:
    (metadata / "METADATA").unlink()
    (metadata / "PKG-INFO").unlink()


def no_name(metadata: Path) -> None:
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\n")


def no_utf_8(metadata: Path) -> None:
    (metadata / "METADATA").write_bytes(b"Name: \xff\n")


@pytest.mark.parametrize("lacking", [nothing, no_name, no_utf_8])
def test_a_distribution_without_a_name_hides_no_entry_point_not_even_its_own(
    folder: Path, lacking: Callable[[Path], None]
) -> None:
    distribution(folder)
    lacking(distribution(folder, "bare-1.0.dist-info", f"[{GROUP}]\nlost = module\n"))
    assert find_entry_points(GROUP) == [EntryPointInfo("lost", "module", None), ORDERS]


def test_an_egg_without_metadata_hides_no_entry_point_not_even_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(folder)
    egg = folder / "bare-1.0-py3.egg"
    nothing(distribution(egg, "EGG-INFO", f"[{GROUP}]\nlost = module\n"))
    monkeypatch.syspath_prepend(str(egg))
    assert find_entry_points(GROUP) == [EntryPointInfo("lost", "module", None), ORDERS]


def test_entry_points_that_cannot_be_read_hide_no_others(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    distribution(folder)
    broken = distribution(folder, "broken-1.0.dist-info", f"[{GROUP}]\nno equals sign\n")
    assert find_entry_points(GROUP) == [ORDERS]
    assert caplog.messages[1:] == [f"entry points left out: {broken}"]
    assert caplog.messages[0].startswith("the entry points of a distribution cannot be read: ")
