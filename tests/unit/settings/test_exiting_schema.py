"""A feature's schema that raises what no schema should."""

import asyncio
from typing import Any

import pytest
from marshmallow import Schema, pre_load

from petsage.settings import ConfigError, read


class Raises(Schema):
    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    @pre_load
    def fail(self, *_: Any, **__: Any) -> None:
        raise self.error


@pytest.mark.parametrize("error", [SystemExit("secret"), KeyboardInterrupt("secret"), asyncio.CancelledError("secret")])
def test_a_schema_that_exits_or_cancels_is_a_mistake(error: BaseException) -> None:
    draft = read({"features": {"orders": {"pool": 3}}})
    assert draft.load(("features", "orders"), Raises(error)) is None
    with pytest.raises(ConfigError) as caught:
        draft.finish()
    assert str(caught.value) == f"features.orders: cannot be checked: Raises raised {type(error).__name__}"
