"""From a request to the files of its feature, as text.

`templates/feature` holds every feature's files; a folder beside it that has the feature's own name takes the place of
those files that it has too. Every file of a template is rendered under its own name, less `.j2`, with `NAME` replaced.
"""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from petsage.builder import literals, names
from petsage.builder.request import BuildError, Request

TEMPLATES = Path(__file__).with_name("templates")
_SUFFIX = ".j2"


def render(request: Request) -> Mapping[str, str]:
    """Return the files by their paths below the feature's folder, sorted; the same for the same request."""
    environment = _environment()
    known = _known(request)
    names = _template_names(request.feature)
    texts = {path: environment.get_template(name).render(known) for path, name in names.items()}
    return dict(sorted(texts.items()))


def _template_names(feature: str) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for folder in ("feature", feature):
        for path in _below(TEMPLATES / folder):
            names[path.removesuffix(_SUFFIX).replace("NAME", feature)] = f"{folder}/{path}"
    return names


def _below(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in sorted(folder.rglob(f"*{_SUFFIX}")))


def _known(request: Request) -> Mapping[str, Any]:
    """Return what templates can speak of."""
    name, description = request.feature, request.description
    return {
        "name": name,
        "class_name": names.camel(name),
        "path": f"/{names.kebab(name)}",
        "title": names.title(name),
        "words": name.replace("_", " "),
        "summary": names.summary(description),
        "description": description,
        "message": names.message(name, description),
        "checks": request.requirements.checks,
        "distributions": request.requirements.distributions,
    }


def _environment() -> Any:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (comes with an extra)
    except ImportError as error:
        raise BuildError("the builder needs Jinja2: pip install 'petsage[builder]'") from error
    environment = Environment(  # noqa: S701 (Python and Markdown are written, no HTML; literals do the escaping)
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "literal": literals.literal,
        "docstring": literals.docstring,
        "markdown": literals.markdown,
        "python": literals.python,
        "json": literals.quoted_json,
        "shell": shlex.quote,
    }
    return environment
