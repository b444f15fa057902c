"""The hostile clients of the bench, and the probe beside them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from bench.attacks import Probed, attacking, probe


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """Answer whatever connects with the same bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def go_on() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.recv(1000)
                    client.sendall(answer)

        thread = Thread(target=go_on, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_percentile_is_that_of_the_sorted_probes() -> None:
    probed = Probed([float(number) for number in range(1, 101)], [])
    assert [probed.percentile(percent) for percent in (50, 99, 100)] == [50.0, 99.0, 100.0]


@pytest.mark.parametrize(
    ("answer", "failed"),
    [(b"HTTP/1.1 200 OK\r\n\r\n", None), (b"HTTP/1.1 503 No\r\n\r\n", "b'HTTP/1.1 503 No\\r\\n\\r\\n'"), (b"", "b''")],
)
def test_a_probe_that_gets_no_200_has_failed(answer: bytes, failed: str | None) -> None:
    with answering(answer) as port:
        probed = probe(port, seconds=0.2)
    assert probed.took
    assert probed.failed == [failed] * len(probed.took if failed else [])


def test_a_probe_that_gets_no_answer_has_failed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        probed = probe(silent.getsockname()[1], seconds=0.1, within=0.2)
    assert len(probed.failed) == len(probed.took) == 1


def test_an_attack_is_under_way_when_the_block_begins() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=500) as server:
        with attacking("dripping heads", server.getsockname()[1]):
            server.settimeout(30)
            client, _ = server.accept()
        with client:
            assert client.recv(21) == b"GET /livez HTTP/1.1\r\n"
