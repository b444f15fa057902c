"""Discovery of commands: each is a public module or package of `petsage.cli` with `add_arguments` and `run`."""

import os
from collections.abc import Sequence
from pathlib import Path

_FOLDER = Path(__file__).parent


def command_names() -> Sequence[str]:
    """Return the names of all commands, sorted; nothing is imported."""
    names = (entry.removesuffix(".py") for entry in os.listdir(_FOLDER))  # noqa: PTH208 (names are enough)
    return sorted(name for name in names if name.isidentifier() and not name.startswith("_"))


def read_summary(name: str) -> str:
    """Return the summary of a command, read from its source: `--help` imports no command."""
    import ast  # noqa: PLC0415 (only `--help` and mistakes need it)

    module = _FOLDER / f"{name}.py"
    file = module if module.exists() else _FOLDER / name / "__init__.py"
    return summary(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))))


def summary(docstring: str | None) -> str:
    """Return the first line of a docstring as the help of a command."""
    first = (docstring or "").strip().partition("\n")[0].removesuffix(".")
    return (first[:1].lower() + first[1:]).replace("%", "%%")
