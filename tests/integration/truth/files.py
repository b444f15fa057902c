"""Files that an unprivileged server reads, and that are replaced meanwhile."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from tests.integration.kinds.servers import NOBODY


def install(file: Path, to: Path) -> Path:
    """Replace `to` by a copy that only the server can read."""
    return write(to, file.read_text())


def write(path: Path, text: str) -> Path:
    """Replace the text of a file atomically."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text)
    beside.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(beside, NOBODY, NOBODY)
    return beside.replace(path)


def replaced(path: Path, by: Path, then: Callable[[], object] = lambda: None) -> AbstractAsyncContextManager[None]:
    """Replace a file by another one for a while."""
    return changed(path, by.read_text(), then)


def _swap(path: Path, text: str) -> str:
    before = path.read_text()
    write(path, text)
    return before


@asynccontextmanager
async def changed(path: Path, text: str, then: Callable[[], object] = lambda: None) -> AsyncIterator[None]:
    """Replace the text of a file for a while; `then` is called after each change."""
    before = _swap(path, text)
    then()
    try:
        yield
    finally:
        write(path, before)
        then()
