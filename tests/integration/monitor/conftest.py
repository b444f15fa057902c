"""The servers of the kinds' tests, in a network of their own."""

from collections.abc import Iterator

import pytest

from tests.integration.kinds.conftest import authority, mysql, postgres, redis
from tests.integration.kinds.servers import Network, network

__all__ = ["authority", "mysql", "net", "postgres", "redis"]


@pytest.fixture(scope="session")
def net() -> Iterator[Network]:
    with network(1) as made:
        yield made
