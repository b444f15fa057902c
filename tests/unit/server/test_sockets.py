import socket

import pytest

from petsage.server.sockets import ListenError, bind, close_listeners
from petsage.settings import ServerSettings

HERE, ABSENT = "127.0.0.1", ["203.0.113.1", "203.0.113.2"]


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> ServerSettings:
    """Return settings with a host whose name has these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 0)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    return ServerSettings(host="a-name", port=0)


@pytest.mark.parametrize("addresses", [[ABSENT[0], HERE], [HERE, ABSENT[0]]], ids=["first", "last"])
def test_an_address_of_a_name_that_this_machine_does_not_have_is_left_out(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    listeners = bind(named(monkeypatch, *addresses))
    places = [listener.getsockname()[0] for listener in listeners]
    close_listeners(listeners)
    assert places == [HERE]


def test_a_name_none_of_whose_addresses_this_machine_has_cannot_be_listened_at(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ListenError) as raised:
        bind(named(monkeypatch, *ABSENT))
    assert str(raised.value) == (
        "cannot listen on a-name:0: this machine has no such address: choose another with --host or server.host"
    )


def test_an_address_of_a_name_that_is_taken_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((HERE, 0)) as other:
        settings = named(monkeypatch, "127.0.0.2", HERE)._replace(port=other.getsockname()[1])
        with pytest.raises(ListenError, match="another program listens there"):
            bind(settings)
