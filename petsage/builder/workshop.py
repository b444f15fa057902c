"""A folder to build in, beside the place where the result is to stand: all of it appears there at once, or nothing."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".petsage-new-"
"""Discovery leaves folders alone whose names begin with a dot."""


@contextmanager
def workshop(into: Path) -> Iterator[Path]:
    """Make a folder in `into`, and remove it in the end; when the work fails, parents that were made for it go too."""
    made = [folder for folder in (into, *into.parents) if not folder.exists()]
    try:
        into.mkdir(parents=True, exist_ok=True)
        with _bench(into) as bench:
            yield bench
    except BaseException:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()
        raise


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files by their paths below the folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def _bench(into: Path) -> Iterator[Path]:
    bench = Path(tempfile.mkdtemp(prefix=PREFIX, dir=into))
    try:
        yield bench
    finally:
        shutil.rmtree(bench, ignore_errors=True)
