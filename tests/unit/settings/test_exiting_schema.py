"""A feature's schema that does what no schema should."""

import sys
from typing import Any

import pytest
from marshmallow import Schema, pre_load

from petsage.settings import ConfigError, read


class Exits(Schema):
    @pre_load
    def leave(self, *_: Any, **__: Any) -> None:
        sys.exit("secret")


def test_a_schema_that_exits_is_a_mistake_and_not_the_end() -> None:
    draft = read({"features": {"orders": {"pool": 3}}})
    assert draft.load(("features", "orders"), Exits()) is None
    with pytest.raises(ConfigError) as caught:
        draft.finish()
    assert str(caught.value) == "features.orders: cannot be checked: Exits raised SystemExit"
