import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from petsage.checks.threads import Address, Resolver, SocketAddress, resolve

FOUND: list[Address] = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 0))]


class Phone:
    """A lookup that answers numeric addresses at once, and names when the test lets it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()

    def __call__(self, host: str, port: int, *, type: int, flags: int) -> list[Address]:  # noqa: A002 (getaddrinfo's own name)
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "not numeric")
        self.asked.append(host)
        self.may_answer.wait(10)
        return FOUND


@pytest.fixture
def phone() -> Iterator[Phone]:
    phone = Phone()
    yield phone
    phone.may_answer.set()


def threads() -> set[threading.Thread]:
    """Return the threads that look names up; of an earlier test's some may be about to end."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("resolve ")}


@pytest.mark.parametrize(
    ("host", "family", "sockaddr"),
    [("127.0.0.1", socket.AF_INET, ("127.0.0.1", 80)), ("::1", socket.AF_INET6, ("::1", 80, 0, 0))],
)
async def test_a_numeric_address_is_answered_without_a_thread(
    host: str, family: socket.AddressFamily, sockaddr: SocketAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda thread: pytest.fail("a thread was started"))
    assert await resolve(host, 80) == [(family, socket.SOCK_STREAM, 6, "", sockaddr)]


async def test_a_name_is_resolved_with_the_port_that_was_asked_for() -> None:
    assert (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 5432)) in await resolve("localhost", 5432)


async def test_callers_of_one_name_share_one_daemon_thread_and_each_gets_its_own_port(phone: Phone) -> None:
    resolver, earlier = Resolver(phone), threads()
    callers = [asyncio.create_task(resolver.resolve("db.example", port)) for port in (1, 2, 3)]
    await asyncio.sleep(0)
    assert [(thread.name, thread.daemon) for thread in threads() - earlier] == [("resolve db.example", True)]
    phone.may_answer.set()
    answers = await asyncio.gather(*callers)
    assert [answer[0][4] for answer in answers] == [("192.0.2.7", 1), ("192.0.2.7", 2), ("192.0.2.7", 3)]
    assert phone.asked == ["db.example"]


async def test_a_caller_that_is_cancelled_leaves_the_lookup_to_the_others(phone: Phone) -> None:
    resolver = Resolver(phone)
    leaving = asyncio.create_task(resolver.resolve("db.example", 1))
    staying = asyncio.create_task(resolver.resolve("db.example", 1))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    phone.may_answer.set()
    assert (await staying, leaving.cancelled(), phone.asked) == (
        [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 1))],
        True,
        ["db.example"],
    )


async def test_a_name_is_looked_up_again_once_it_has_been_answered(phone: Phone) -> None:
    resolver = Resolver(phone)
    phone.may_answer.set()
    await resolver.resolve("db.example", 1)
    await resolver.resolve("db.example", 1)
    assert phone.asked == ["db.example", "db.example"]


async def _given_up(resolver: Resolver) -> None:
    caller = asyncio.create_task(resolver.resolve("db.example", 1))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.wait([caller])


async def test_after_a_lookup_that_was_given_up_the_next_caller_gets_one_of_its_own(phone: Phone) -> None:
    now = [0.0]
    resolver = Resolver(phone, lambda: now[0])
    await _given_up(resolver)
    await _given_up(resolver)
    assert phone.asked == ["db.example"]  # it had no time yet
    now[0] += 1
    stuck, phone.may_answer = phone.may_answer, threading.Event()
    phone.may_answer.set()
    answer = await resolver.resolve("db.example", 1)
    assert (answer[0][4], phone.asked) == (("192.0.2.7", 1), ["db.example"] * 2)
    stuck.set()


async def test_stuck_lookups_are_few(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petsage.checks.threads._MAX_STUCK", 3)
    now = [0.0]
    resolver = Resolver(phone, lambda: now[0])
    for _ in range(10):
        await _given_up(resolver)
        now[0] += 1
    assert phone.asked == ["db.example"] * 4
    late = asyncio.create_task(resolver.resolve("db.example", 1))
    await asyncio.sleep(0)
    phone.may_answer.set()
    assert (await late)[0][4] == ("192.0.2.7", 1)
    await resolver.resolve("db.example", 1)
    assert phone.asked == ["db.example"] * 5


@pytest.mark.parametrize("host", ["a..b", "x" * 70, "no such name"])
async def test_what_cannot_be_a_name_is_an_error_of_resolving(host: str) -> None:
    with pytest.raises(socket.gaierror):
        await resolve(host, 80)
