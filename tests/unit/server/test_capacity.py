"""Number of connections that the descriptor limit allows."""

import resource

import pytest

from petsage.server.acceptor import connection_limit, spare_descriptors


@pytest.mark.parametrize(
    ("allowed", "used", "left"), [(128, 16, 64), (256, 16, 160), (1024, 24, 728), (20_000, 24, 19_704), (64, 20, -4)]
)
def test_a_part_is_left_for_checks_logs_and_files(allowed: int, used: int, left: int) -> None:
    assert spare_descriptors(allowed, used) == left


@pytest.mark.parametrize(("allowed", "limit"), [(resource.RLIM_INFINITY, 1000), (1 << 20, 1000), (20, 1)])
def test_the_limit_is_what_is_wanted_or_what_the_system_allows(
    monkeypatch: pytest.MonkeyPatch, allowed: int, limit: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (allowed, allowed))
    assert connection_limit(1000) == limit
