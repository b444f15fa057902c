"""Drivers that come with extras; importing one takes 7 to 133 ms, so it is done in a thread and at first need."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from marshmallow import ValidationError

from petsage.checks.codes import Code
from petsage.checks.model import CheckFailed


def driver(module: str, extra: str) -> Callable[[], Any]:
    """Return what imports a driver, or fails with the extra's name."""
    return partial(_import, module, extra)


def needs_driver(module: str, extra: str, key: str) -> None:
    """Refuse credentials, which stand under `key`, when the driver is not installed."""
    if find_spec(module) is None:
        raise ValidationError(f"to log in {_way_out(module, extra)}", key)


def _import(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise CheckFailed(f"to log in {_way_out(module, extra)}", code=Code.LOCAL) from None


def _way_out(module: str, extra: str) -> str:
    return f"{module} is needed: pip install 'petsage[{extra}]'"
