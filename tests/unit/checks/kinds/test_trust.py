"""Trust that is read anew: contexts of changed files, without holding up the event loop."""

import asyncio
import os
import ssl
import threading
from pathlib import Path

import pytest

from petsage.checks.sdk.lazy import ReloadedValue
from petsage.checks.sdk.tls import reloaded_context, trusted_files
from tests.support.peers import failure

LONG_AGO = 1_000_000_000


def _write(path: Path, text: str) -> None:
    """Write a file, and have it look settled."""
    path.write_text(text)
    os.utime(path, (LONG_AGO, LONG_AGO))


async def test_a_value_is_made_anew_when_its_file_was_replaced_rewritten_or_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petsage.checks.sdk.lazy._SETTLED_NS", 0)
    file, other = tmp_path / "file", tmp_path / "other"
    _write(file, "one")
    made = ReloadedValue(lambda: [file.read_text() if file.exists() else "none"], lambda: [file])
    first = await made.get()
    assert first == ["one"]
    assert await made.get() is first
    _write(other, "two")
    other.replace(file)
    assert await made.get() == ["two"]
    _write(file, "tri")  # of the same size and modified at the same time
    assert await made.get() == ["tri"]
    file.unlink()
    assert await made.get() == ["none"]


async def test_a_file_that_was_changed_just_now_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("one")
    made = ReloadedValue(lambda: [file.read_text()], lambda: [file])
    first = await made.get()
    assert await made.get() is not first


async def test_entries_of_a_folder_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petsage.checks.sdk.lazy._SETTLED_NS", 0)
    _write(tmp_path / "a.0", "one")
    made = ReloadedValue(lambda: sorted(path.read_text() for path in tmp_path.iterdir()), lambda: [tmp_path])
    first = await made.get()
    assert await made.get() is first
    _write(tmp_path / "b.0", "two")
    assert await made.get() == ["one", "two"]
    _write(tmp_path / "a.0", "new")
    assert await made.get() == ["new", "two"]


async def test_a_failure_is_raised_and_the_next_caller_tries_again(tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    contexts = reloaded_context(missing)
    assert await failure(contexts.get) == f"{missing} cannot be read: No such file or directory"
    missing.write_text("nothing")
    assert await failure(contexts.get) == f"{missing} holds no certificates"


async def test_callers_share_a_look_that_hangs_and_the_loop_goes_on() -> None:
    release, looks = threading.Event(), []

    def files() -> list[Path]:
        looks.append(1)
        release.wait(60)
        return []

    made = ReloadedValue(object, files)
    callers = [asyncio.ensure_future(made.get()) for _ in range(3)]
    await asyncio.wait(callers, timeout=0.01)
    callers[0].cancel()
    late = asyncio.ensure_future(made.get())
    await asyncio.sleep(0)  # it waits as well by now
    release.set()
    assert len({*await asyncio.gather(*callers[1:], late)}) == 1
    assert looks == [1]


async def test_the_system_store_is_what_openssl_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle, folder = tmp_path / "bundle.pem", tmp_path / "certs"
    bundle.touch()
    folder.mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    assert [*trusted_files()] == [bundle, folder]
    assert [*trusted_files(tmp_path / "own.pem")] == [tmp_path / "own.pem"]


async def test_a_context_that_verifies_nothing_reads_no_trust() -> None:
    contexts = reloaded_context(verify=False)
    first = await contexts.get()
    assert (first.verify_mode, first.check_hostname) == (ssl.CERT_NONE, False)
    assert await contexts.get() is first
