"""Render the files of a feature from its request.

`templates/feature` has the files of every feature; every file there is rendered under its own name, without `.j2` and
with the feature's name for `NAME`. For the smoke test, which is derived from the one that is part of PetSage, the files
of `templates/built_in` replace those of the same name.
"""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from petsage.builder import literals, names, smoke_test
from petsage.builder.request import BuildError, Request

TEMPLATES = Path(__file__).with_name("templates")
_SUFFIX = ".j2"


def render(request: Request) -> Mapping[str, str]:
    """Return the files by their paths below the feature's folder, sorted; the same request gives the same files."""
    environment = _environment()
    variables = _variables(request)
    templates = _templates(request.feature)
    texts = {path: environment.get_template(template).render(variables) for path, template in templates.items()}
    if request.feature == smoke_test.NAME:
        texts |= smoke_test.modules(request.description)
    return dict(sorted(texts.items()))


def _templates(feature: str) -> Mapping[str, str]:
    """Return the template of each file."""
    folders = ("feature", "built_in") if feature == smoke_test.NAME else ("feature",)
    return {
        path.removesuffix(_SUFFIX).replace("NAME", feature): f"{folder}/{path}"
        for folder in folders
        for path in _template_paths(TEMPLATES / folder)
    }


def _template_paths(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in sorted(folder.rglob(f"*{_SUFFIX}")))


def _variables(request: Request) -> Mapping[str, Any]:
    """Return the variables of the templates."""
    name, description = request.feature, request.description
    message = names.message(name, description)
    return {
        "name": name,
        "class_name": names.camel(name),
        "path": f"/{names.kebab(name)}",
        "title": names.title(name),
        "words": name.replace("_", " "),
        "summary": names.summary(description),
        "description": description,
        "message": message,
        "overview": smoke_test.overview(message) if name == smoke_test.NAME else "",
        "checks": request.requirements.checks,
        "distributions": request.requirements.distributions,
    }


def _environment() -> Any:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (the extra `builder`)
    except ImportError as error:
        raise BuildError("the builder needs Jinja2: pip install 'petsage[builder]'") from error
    environment = Environment(  # noqa: S701 (the output is Python and Markdown, not HTML; literals do the escaping)
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
