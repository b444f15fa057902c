"""Build a feature: written beside its place, examined there, and moved to its place when all is well."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from petsage.builder.examine import examine, examine_unmet
from petsage.builder.findings import Finding
from petsage.builder.mistakes import BuildFailed
from petsage.builder.render import render
from petsage.builder.request import Request
from petsage.builder.workshop import workshop, write
from petsage.core.container import Core
from petsage.distributions import missing_distributions
from petsage.runtime.discovery import BUILT_IN, Found
from petsage.runtime.loader import Feature, load

Tell = Callable[[str], None]


def plan(request: Request, core: Core, into: Path) -> Mapping[str, str]:
    """Return the files that would be written; raise `BuildFailed` where a feature of this name is there already."""
    _refuse_existing(request.feature, core, into)
    return render(request)


def build(request: Request, core: Core, into: Path, tell: Tell) -> Path:
    """Build the feature beside the others of `core`, and return its folder in `into`.

    Raise `BuildFailed` with nothing left behind. `tell` hears of each step before it begins.
    """
    texts = plan(request, core, into)
    target = into / request.feature
    with _told(into), workshop(into) as bench:
        tell(f"writing {len(texts)} files")
        folder = bench / request.feature
        write(folder, texts)
        for finding in _findings(request, core, folder, tell):
            if finding.failed:
                raise BuildFailed(f"{request.feature} was not built: {finding.text}{_below(finding.details)}")
        _refuse_existing(request.feature, core, into)
        folder.rename(target)
    return target


def _findings(request: Request, core: Core, folder: Path, tell: Tell) -> Iterator[Finding]:
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
            raise BuildFailed(f"{path} exists already, and is never overwritten: choose another name, or remove it")
    for feature in _features(core):
        if feature.name == name and feature.origin != BUILT_IN:
            raise BuildFailed(f"there is a feature {name!r} already: {feature.origin}")
        if feature.name == name and core.settings().feature(name).built_in:
            way_out = f"to replace it, write 'features: {{{name}: {{built_in: false}}}}' into config.yml"
            raise BuildFailed(f"PetSage has a feature {name!r} built in: {way_out}")


@contextmanager
def _told(into: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BuildFailed(f"{error.filename or into}: {error.strerror or error}: nothing was built") from error


def _below(details: str) -> str:
    return f"\n{details.rstrip()}" if details else ""
