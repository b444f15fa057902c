"""A folder to build in, beside the place where the result is to stand: all of it appears there at once, or nothing."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from petsage.builder.examine import examine, examine_unmet
from petsage.builder.findings import Finding
from petsage.builder.render import render
from petsage.builder.request import BuildError, Request
from petsage.core.container import Core
from petsage.distributions import missing_distributions
from petsage.runtime.discovery import BUILT_IN, Found
from petsage.runtime.loader import Feature, load

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


Report = Callable[[str], None]


def plan(request: Request, core: Core, into: Path) -> Mapping[str, str]:
    """Return the files that would be written; raise `BuildError` where a feature of this name is there already."""
    _refuse_existing(request.feature, core, into)
    return render(request)


def build(request: Request, core: Core, into: Path, tell: Report) -> Path:
    """Build the feature beside the others of `core`, and return its folder in `into`.

    Raise `BuildError` with nothing left behind. `tell` hears of each step before it begins.
    """
    texts = plan(request, core, into)
    target = into / request.feature
    with _told(into), workshop(into) as bench:
        tell(f"writing {len(texts)} files")
        folder = bench / request.feature
        write(folder, texts)
        for finding in _findings(request, core, folder, tell):
            if finding.failed:
                raise BuildError(f"{request.feature} was not built: {finding.text}{_below(finding.details)}")
        _refuse_existing(request.feature, core, into)
        folder.rename(target)
    return target


def _findings(request: Request, core: Core, folder: Path, tell: Report) -> Iterator[Finding]:
    path = folder / "__init__.py"
    sys.dont_write_bytecode = True  # what is built has its own files and no others
    feature = load(Found(request.feature, str(path), path=path), _features(core))
    if missing_distributions(*request.requirements.distributions):
        return examine_unmet(feature, path, tell)
    return examine(feature, core, path, tell, bare=True)


def _features(core: Core) -> tuple[Feature, ...]:
    found: Any = core.features()
    return tuple(found or ())


def _refuse_existing(name: str, core: Core, into: Path) -> None:
    for path in (into / name, into / f"{name}.py"):
        if path.exists() or path.is_symlink():
            raise BuildError(f"{path} exists already, and is never overwritten: choose another name, or remove it")
    for feature in _features(core):
        if feature.name == name and feature.origin != BUILT_IN:
            raise BuildError(f"there is a feature {name!r} already: {feature.origin}")
        if feature.name == name and core.settings().feature(name).built_in:
            way_out = f"to replace it, write 'features: {{{name}: {{built_in: false}}}}' into config.yml"
            raise BuildError(f"PetSage has a feature {name!r} built in: {way_out}")


@contextmanager
def _told(into: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BuildError(f"{error.filename or into}: {error.strerror or error}: nothing was built") from error


def _below(details: str) -> str:
    return f"\n{details.rstrip()}" if details else ""
