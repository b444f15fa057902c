"""Build a feature from a request, given as options or as a file."""

import argparse
import logging
import shlex
import signal
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from petsage.bootstrap import default_config_path, load
from petsage.builder.build import build, plan
from petsage.builder.request import BuildError, Request, RequestError, make_request
from petsage.builder.request_file import read_request
from petsage.cli._console import one_line, say, say_step, write
from petsage.cli._logging import set_up_logging
from petsage.cli._signals import interrupted_by
from petsage.core.container import Core
from petsage.distributions import missing_distributions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="a Python identifier in lower case: pet_orders")
    parser.add_argument("--description", metavar="TEXT", help="what the feature is for")
    parser.add_argument(
        "--requires",
        nargs="+",
        action="extend",
        metavar="WHAT",
        help="kinds of checks such as redis, and distributions such as 'package: pillow>=11'; none for none",
    )
    parser.add_argument(
        "--from",
        dest="file",
        metavar="FILE",
        help="a request in YAML: feature, description, requirements; -: standard input",
    )
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="default: the first of feature_paths")
    parser.add_argument("--dry-run", action="store_true", help="show the files and their texts, and write nothing")
    parser.set_defaults(misuse=parser.error)


def run(options: argparse.Namespace) -> int:
    """Build the feature, and print what was built and what to type next."""
    set_up_logging(logging.CRITICAL)
    with interrupted_by(signal.SIGHUP):  # a closed terminal leaves no half of a feature behind
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    try:
        request = _request(options)
        config = default_config_path(options.config)
        loaded = load(config, folders_may_be_missing=True)
        into = _into(options.into, loaded.core)
        if options.dry_run:
            _show(plan(request, loaded, into), _shown(into / request.feature))
        else:
            folder = build(request, loaded, into, say_step)
            _report(request, loaded.core, folder, options.config)
    except (RequestError, BuildError) as error:
        say(str(error), sys.stderr)
        return 1
    return 0


def _request(options: argparse.Namespace) -> Request:
    given = (options.name, options.description, options.requires)
    if options.file is None and options.name is None:
        options.misuse("name the feature, or the file of a request with --from")
    if options.file is None:
        return make_request(*given)
    if any(part is not None for part in given):
        options.misuse("--from FILE has the whole request: leave out the name, --description and --requires")
    return read_request(options.file)


def _into(given: Path | None, core: Core) -> Path:
    paths = core.settings().feature_paths
    if given is None and not paths:
        raise BuildError("feature_paths is empty: choose a folder with --into FOLDER")
    return Path.cwd() / given if given is not None else Path(paths[0])


def _show(texts: Mapping[str, str], folder: str) -> None:
    """Print the files that would be written, in any encoding of the terminal."""
    for line in _tree(texts, folder):
        say(line)
    for path, text in texts.items():
        write(f"\n==> {folder}/{path} <==\n{text.removesuffix(chr(10))}")


def _report(request: Request, core: Core, folder: Path, config: Path | None) -> None:
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    for line in _tree(sorted(files), _shown(folder)):
        say(line)
    if folder.parent.resolve() not in [path.resolve() for path in core.settings().feature_paths]:
        say(f"\n{_shown(folder.parent)} is not among feature_paths: add it there to have the feature found")
    missing = [requirement for requirement, _ in missing_distributions(*request.requirements.distributions)]
    serve = "petsage serve" if config is None else f"petsage serve --config {shlex.quote(str(config))}"
    say(f"\nnext: {f'pip install {shlex.join(missing)}' if missing else serve}")


def _tree(paths: Iterable[str], folder: str) -> Iterable[str]:
    """Yield a line for each folder and file, indented by depth; the files of a folder come before its folders."""
    yield f"{folder}/"
    above: tuple[str, ...] = ()
    for path in sorted(paths, key=lambda path: (path.count("/"), path)):
        *folders, name = path.split("/")
        if tuple(folders) != above:
            above = tuple(folders)
            yield f"{'  ' * len(above)}{above[-1]}/"
        yield f"{'  ' * (len(above) + 1)}{name}"


def _shown(path: Path) -> str:
    """Return a path relative to the working directory, if it is below it."""
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return one_line(str(shown))
