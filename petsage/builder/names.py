"""Names of features, and the texts that follow from a name and a description."""

import importlib.util
import keyword
import re
from collections.abc import Iterator

from petsage.text import cut

MAX_LENGTH = 32
_SHOWN = 60
_SHAPE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)


def name_mistake(name: str) -> str | None:
    """Return why a feature cannot have this name, with a suggestion; None for a valid name."""
    if mistake := next(_mistakes(name), None):
        return f"{cut(name, _SHOWN)!r} cannot be a feature's name: {mistake}"
    return None


def _mistakes(name: str) -> Iterator[str]:
    if not _SHAPE.fullmatch(name):
        yield f"use lower-case words and digits, with single underscores between them{_hint(name)}"
    if keyword.iskeyword(name):
        yield f"it is a keyword of Python (try '{name}_feature')"
    if len(name) > MAX_LENGTH:
        yield f"it has {len(name)} characters, at most {MAX_LENGTH} are allowed"
    if name == "tests":
        yield "a folder of this name holds tests, and discovery ignores it"
    if _is_module(name):
        yield f"there is a Python module of this name, which its tests would import instead (try '{name}_feature')"


def _hint(name: str) -> str:
    """Return a suggestion of the nearest valid name."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    near = re.sub(r"[^a-z0-9]+", "_", words).strip("_0123456789")[:MAX_LENGTH].rstrip("_")
    usable = _SHAPE.fullmatch(near) and not keyword.iskeyword(near) and near != "tests"
    return f" (try {near!r})" if usable and near != name else ""


def _is_module(name: str) -> bool:
    """Return whether `import NAME` finds a module; a folder without `__init__.py` does not count."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and (spec.has_location or spec.origin is not None)


_ENSURE = re.compile(r"ensure (?:that )?(?:the )?([\w][\w -]{0,60}?) (?:is )?([\w-]{1,30})", re.IGNORECASE | re.ASCII)
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_ENDS = " .!?:;,-…"


def camel(name: str) -> str:
    """Return `pet_orders` as `PetOrders`."""
    return "".join(word.capitalize() for word in name.split("_"))


def kebab(name: str) -> str:
    """Return `pet_orders` as `pet-orders`."""
    return name.replace("_", "-")


def title(name: str) -> str:
    """Return `pet_orders` as `Pet Orders`."""
    return " ".join(word.capitalize() for word in name.split("_"))


def summary(description: str) -> str:
    """Return the first sentence as one line without its final punctuation."""
    first = _SENTENCE.split(description.strip().partition("\n")[0])[0]
    return " ".join(first.split()).rstrip(_ENDS) or " ".join(first.split())


def message(feature: str, description: str) -> str:
    """Return the default message of a functional feature.

    `Ensure builder functional` gives `PetSage builder is functional!`; any other description gives a message with the
    feature's name, such as `PetSage grooming is functional!`.
    """
    ensured = _ENSURE.fullmatch(summary(description))
    thing, state = ensured.groups() if ensured else (feature.replace("_", " "), "functional")
    return f"PetSage {thing} is {state}!"
