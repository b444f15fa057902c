"""Exception classes of the package."""

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import petsage
from petsage import PetSageError

WITHOUT_BASE = "petsage.probe"
"""The probe of a container imports nothing else of petsage, so that it starts fast."""


def modules() -> Iterator[str]:
    """Yield all modules but those that run a command when they are imported."""
    names = (module.name for module in pkgutil.walk_packages(petsage.__path__, "petsage."))
    return (name for name in names if not name.endswith(".__main__"))


def exceptions(module: str) -> Iterator[type[BaseException]]:
    """Yield the exception classes that a module defines."""
    for value in vars(import_module(module)).values():
        if inspect.isclass(value) and issubclass(value, BaseException) and value.__module__ == module:
            yield value


def test_every_error_derives_from_petsage_error() -> None:
    errors = [one for module in modules() for one in exceptions(module) if one.__name__.endswith("Error")]
    own = [one for one in errors if not one.__module__.startswith(WITHOUT_BASE)]
    assert own
    assert [one for one in own if not issubclass(one, PetSageError)] == []
