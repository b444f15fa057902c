"""`disk` and `file`."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from petsage.checks.kinds.disk import Disk, Threshold
from petsage.checks.kinds.file import File
from petsage.checks.model import CheckFailed, CheckWarning

HOUR = 3600


def failure(run: Callable[[], object]) -> str:
    with pytest.raises(CheckFailed) as raised:
        run()
    return str(raised.value)


def test_a_disk_with_enough_free_holds(tmp_path: Path) -> None:
    observed = Disk(path=tmp_path, warn_below=Threshold(size=1), fail_below=Threshold(size=1)).run()
    assert list(observed) == ["free_percent", "free_bytes"]
    assert observed["free_bytes"] == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.1)


def test_a_disk_below_a_share_warns(tmp_path: Path) -> None:
    with pytest.raises(CheckWarning) as raised:
        Disk(path=tmp_path, warn_below=Threshold(percent=100), fail_below=Threshold(percent=0)).run()
    assert str(raised.value).startswith(f"{tmp_path} has ")
    assert str(raised.value).endswith(", less than 100%")


def test_a_disk_below_a_size_fails(tmp_path: Path) -> None:
    reason = failure(Disk(path=tmp_path, fail_below=Threshold(size=1 << 60)).run)
    assert reason.startswith(f"{tmp_path} has ")
    assert reason.endswith(", less than 1048576TiB")


def test_a_disk_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert failure(Disk(path=tmp_path / "x").run) == f"{tmp_path}/x does not exist"


def found(
    monkeypatch: pytest.MonkeyPatch, *, free: int = 50, inodes: int = 50, files: int = 100, flag: int = 0
) -> None:
    """Let file systems have 100 blocks, as many of them and of the inodes free as said."""
    answer = os.statvfs_result((4096, 4096, 100, free, free, files, inodes, inodes, flag, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: answer)


@pytest.mark.parametrize(
    ("system", "settings", "code", "reason"),
    [
        ({"free": 0}, {}, "full", "/data has 0% free (0B), less than 5%"),
        ({"free": 4}, {}, "threshold", "/data has 4% free (0B), less than 5%"),
        ({"inodes": 0}, {}, "full", "/data has no inode left for another file"),
        ({"inodes": 0}, {"warn_below": Threshold(size=1), "fail_below": Threshold(size=1)}, "full", None),
        ({"inodes": 4}, {}, "threshold", "/data has 4% of its inodes left (4), less than 5%"),
        ({"flag": os.ST_RDONLY}, {}, "read_only", "/data is read-only"),
    ],
)
def test_a_disk_that_cannot_take_another_file_fails(
    monkeypatch: pytest.MonkeyPatch,
    system: dict[str, int],
    settings: dict[str, Any],
    code: str,
    reason: str | None,
) -> None:
    found(monkeypatch, **system)
    with pytest.raises(CheckFailed) as raised:
        Disk(path=Path("/data"), **settings).run()
    assert (raised.value.code, str(raised.value)) == (code, reason or "/data has no inode left for another file")


def test_a_disk_with_few_inodes_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, inodes=9)
    with pytest.raises(CheckWarning) as raised:
        Disk(path=Path("/data")).run()
    assert str(raised.value) == "/data has 9% of its inodes left (9), less than 10%"


@pytest.mark.parametrize(
    ("system", "settings"),
    [
        ({"files": 0, "inodes": 0}, {}),  # btrfs counts none
        ({"inodes": 1}, {"warn_below": Threshold(size=1), "fail_below": Threshold(size=1)}),
        ({"flag": os.ST_RDONLY, "inodes": 0}, {"read_only": True}),
    ],
)
def test_a_disk_holds_whose_inodes_are_not_counted_or_not_needed(
    monkeypatch: pytest.MonkeyPatch, system: dict[str, int], settings: dict[str, Any]
) -> None:
    found(monkeypatch, **system)
    assert Disk(path=Path("/data"), **settings).run() == {"free_percent": 50.0, "free_bytes": 204800}


def test_files_have_codes(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    os.utime(tmp_path / "plain", (0, 0))
    missing, beneath = File(path=tmp_path / "x"), File(path=tmp_path / "plain" / "x")
    codes = []
    for check in (missing, beneath, File(path=tmp_path / "plain", younger_than=1.0), Disk(path=tmp_path / "x")):
        with pytest.raises(CheckFailed) as raised:
            check.run()
        codes.append(raised.value.code)
    assert codes == ["missing", "missing", "old", "missing"]


def test_a_file_that_exists_holds(tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    beat.touch()
    assert list(File(path=beat).run()) == ["age_s"]
    assert list(File(path=beat, younger_than=HOUR).run()) == ["age_s"]


def test_a_file_that_is_missing_or_out_of_reach_is_named(tmp_path: Path) -> None:
    assert failure(File(path=tmp_path / "beat").run) == f"{tmp_path}/beat does not exist"
    (tmp_path / "plain").touch()
    assert failure(File(path=tmp_path / "plain" / "beat").run) == f"{tmp_path}/plain/beat: Not a directory"


def test_an_old_file_fails_and_a_touch_mends_it(tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    beat.touch()
    os.utime(beat, (time.time() - 90, time.time() - 90))
    check = File(path=beat, younger_than=60.0)
    assert failure(check.run) == f"{beat} is 90 s old, not younger than 1m"
    beat.touch()
    assert list(check.run()) == ["age_s"]


def test_a_step_of_the_wall_clock_changes_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beat, wall, steady = tmp_path / "beat", 1_700_000_000.0, 1000.0
    monkeypatch.setattr(time, "time", lambda: wall)
    monkeypatch.setattr(time, "monotonic", lambda: steady)
    beat.touch()
    os.utime(beat, (wall, wall))
    check = File(path=beat, younger_than=60.0)
    assert check.run() == {"age_s": 0.0}
    wall += HOUR
    steady += 10
    assert check.run() == {"age_s": 10.0}
    wall -= 2 * HOUR
    steady += 49
    assert check.run() == {"age_s": 59.0}
    steady += 1
    assert failure(check.run) == f"{beat} is 60 s old, not younger than 1m"
    os.utime(beat, (wall, wall))
    wall += HOUR
    steady += 5
    assert check.run() == {"age_s": 5.0}
