"""Settings of servers that answer queries, as a kind inherits them."""

import pytest
from marshmallow import ValidationError

from petsage.checks.sdk import DatabaseSchema, Url


class OwnSchema(DatabaseSchema):
    url = Url(("own",))


def test_a_parameter_that_a_kind_does_not_support_is_a_mistake() -> None:
    with pytest.raises(ValidationError) as raised:
        OwnSchema().load({"url": "own://user@db/orders?color=blue"})
    assert raised.value.messages == {"url": ["color is not supported"]}
