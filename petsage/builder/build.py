"""Build a feature: its folder appears when all steps have passed, or not at all."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from petsage.bootstrap import Loaded
from petsage.builder.examine import OnStep, examine, examine_without_distributions
from petsage.builder.findings import Finding
from petsage.builder.render import render
from petsage.builder.request import BuildError, Request
from petsage.distributions import missing_distributions
from petsage.runtime.discovery import BUILT_IN, FoundFeature
from petsage.runtime.loader import import_feature

PREFIX = ".petsage-new-"
"""Prefix of temporary folders; discovery ignores names that begin with a dot."""


@contextmanager
def build_folder(into: Path) -> Iterator[Path]:
    """Create a temporary folder in `into`, and remove it at the end; on an error also the parents created for it."""
    created = [folder for folder in (into, *into.parents) if not folder.exists()]
    try:
        into.mkdir(parents=True, exist_ok=True)
        with _temporary_folder(into) as folder:
            yield folder
    except BaseException:
        for folder in created:
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
def _temporary_folder(into: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=into))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plan(request: Request, loaded: Loaded, into: Path) -> Mapping[str, str]:
    """Return the files that `build` would write; raise `BuildError` if there is a feature of this name already."""
    _check_name_is_free(request.feature, loaded, into)
    return render(request)


def build(request: Request, loaded: Loaded, into: Path, on_step: OnStep) -> Path:
    """Build the feature beside the others of `loaded`, and return its folder in `into`.

    `on_step` is called with the name of each step before it begins. On `BuildError` no file is left.
    """
    texts = plan(request, loaded, into)
    target = into / request.feature
    with _as_build_errors(into), build_folder(into) as temporary:
        on_step(f"writing {len(texts)} files")
        folder = temporary / request.feature
        write(folder, texts)
        for finding in _findings(request, loaded, folder, on_step):
            if finding.failed:
                raise BuildError(f"{request.feature} was not built: {finding.text}{_on_next_line(finding.details)}")
        _check_name_is_free(request.feature, loaded, into)
        folder.rename(target)
    return target


def _findings(request: Request, loaded: Loaded, folder: Path, on_step: OnStep) -> Iterator[Finding]:
    path = folder / "__init__.py"
    sys.dont_write_bytecode = True  # so that the built folder contains no __pycache__
    feature = import_feature(FoundFeature(request.feature, str(path), path=path), loaded.features)
    if missing_distributions(*request.requirements.distributions):
        return examine_without_distributions(feature, path, on_step)
    return examine(feature, loaded, path, on_step, bare=True)


def _check_name_is_free(name: str, loaded: Loaded, into: Path) -> None:
    for path in (into / name, into / f"{name}.py"):
        if path.exists() or path.is_symlink():
            raise BuildError(f"{path} exists already, and is never overwritten: choose another name, or remove it")
    for feature in loaded.features:
        if feature.name == name and feature.origin != BUILT_IN:
            raise BuildError(f"there is a feature {name!r} already: {feature.origin}")
        if feature.name == name and loaded.core.settings().feature(name).built_in:
            way_out = f"to replace it, write 'features: {{{name}: {{built_in: false}}}}' into config.yml"
            raise BuildError(f"PetSage has a feature {name!r} built in: {way_out}")


@contextmanager
def _as_build_errors(into: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BuildError(f"{error.filename or into}: {error.strerror or error}: nothing was built") from error


def _on_next_line(details: str) -> str:
    return f"\n{details.rstrip()}" if details else ""
