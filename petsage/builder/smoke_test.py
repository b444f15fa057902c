"""The smoke test as a feature to build, derived from the one that is part of PetSage.

Its service, schemas and handlers are those of `petsage/features/smoke_test` with relative imports, and its README has
the text of that one. They are read when a feature is built, so that the two cannot differ. Settings, container and
tests come from templates, since a request can add checks and a message of its own.
"""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import petsage
from petsage.builder.literals import literal

NAME = "smoke_test"
_FOLDER = Path(petsage.__file__).parent / "features" / NAME
_PACKAGE = f"petsage.features.{NAME}"
_MODULES = ("handlers.py", "schemas.py", "service.py")


def modules(description: str) -> Mapping[str, str]:
    """Return the derived modules by their file names; `description` begins the description of the operation."""
    texts = {name: _with_relative_imports(_read(name)) for name in _MODULES}
    texts["handlers.py"] = _with_description(texts["handlers.py"], description)
    return texts


def overview(message: str) -> str:
    """Return the README without its title and settings, with `message` in its examples."""
    introduction, *sections = _read("README.md").split("\n## ")
    kept = [introduction.partition("\n")[2].strip(), *(text for text in sections if not text.startswith("Settings"))]
    return "\n\n## ".join(text.strip() for text in kept).replace(_json(_default_message()), _json(message))


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _default_message() -> str:
    (message,) = _values("DEFAULT_MESSAGE", ast.parse(_read("settings.py")))
    return str(ast.literal_eval(message))


def _with_relative_imports(source: str) -> str:
    """Make imports of the feature's own modules relative, and move them after the other imports, as ruff sorts them."""
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    own = [node for node in imports if isinstance(node, ast.ImportFrom) and str(node.module).startswith(_PACKAGE)]
    if not own:
        return source
    lines: list[str | None] = [*source.splitlines()]
    last = max(node.end_lineno or node.lineno for node in imports if node not in own)
    relative = []
    for node in own:
        for number in range(node.lineno - 1, node.end_lineno or node.lineno):
            relative.append(str(lines[number]).replace(f"{_PACKAGE}.", ".").replace(_PACKAGE, "."))
            lines[number] = None
    lines[last:last] = ["", *relative]
    return _joined(line for line in lines if line is not None)


def _with_description(source: str, description: str) -> str:
    """Define `DESCRIPTION` below `PATH`, and put it before the description of the operation."""
    lines = source.splitlines()
    tree = ast.parse(source)
    (path,) = _values("PATH", tree)
    (text,) = (node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "description")
    line = lines[text.lineno - 1]
    lines[text.lineno - 1] = f'{line[: text.col_offset]}f"{{DESCRIPTION}}\\n\\n"\n{" " * 8}{line[text.col_offset :]}'
    lines.insert(path.end_lineno or path.lineno, f"DESCRIPTION = {literal(description, 14)}")
    return _joined(lines)


def _values(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    """Yield the value of the constant of this name."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            yield node.value


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
