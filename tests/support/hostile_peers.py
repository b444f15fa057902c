"""Hostile peers in threads of their own, which count the bytes that they have sent."""

import contextlib
import gzip
import random
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MAX_SENT = 256 << 20
"""Bytes after which a peer stops; a reader without a limit receives them all."""

Act = Callable[["Connection"], None]


@dataclass
class Peer:
    """A peer that listens on the loopback; `sent` counts what readers and the kernel have taken."""

    port: int = 0
    sent: int = 0
    connections: list["Connection"] = field(default_factory=list)


class Connection:
    """One connection, for an act."""

    def __init__(self, sock: socket.socket, peer: Peer, context: ssl.SSLContext) -> None:
        self.sock = sock
        self._peer = peer
        self._context = context

    def receive(self) -> bytes:
        return self.sock.recv(65536)

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        while view and self._peer.sent < MAX_SENT:
            sent = self.sock.send(view)
            self._peer.sent += sent
            view = view[sent:]
        if view:
            raise ConnectionError("enough")

    def flood(self, data: bytes) -> None:
        """Send the data repeatedly, until the connection ends."""
        block = data * max(1, 65536 // len(data))
        while True:
            self.send(block)

    def drip(self, data: bytes) -> None:
        """Send the data byte by byte, repeatedly."""
        while True:
            for at in range(len(data)):
                self.send(data[at : at + 1])
                time.sleep(0.002)

    def start_tls(self) -> None:
        self.sock = self._context.wrap_socket(self.sock, server_side=True)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


ENDLESS: set[Act] = set()
"""Acts that flood: a check must end because of what it has read, and not by its timeout."""


@contextmanager
def hostile(act: Act, context: ssl.SSLContext) -> Iterator[Peer]:
    """Serve connections by the act, each in a thread, until it is left."""
    peer = Peer()
    with socket.create_server(("127.0.0.1", 0)) as server:
        peer.port = server.getsockname()[1]
        accepting = threading.Thread(target=_accept, args=(server, act, peer, context), daemon=True)
        accepting.start()
        try:
            yield peer
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in peer.connections:
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, act: Act, peer: Peer, context: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError):
        while True:
            sock, _ = server.accept()
            peer.connections.append(Connection(sock, peer, context))
            threading.Thread(target=_act, args=(act, peer.connections[-1]), daemon=True).start()


def _act(act: Act, connection: Connection) -> None:
    with contextlib.suppress(OSError, ValueError):
        act(connection)
    with contextlib.suppress(OSError):
        connection.sock.close()


def silent(peer: Connection) -> None:
    while peer.receive():
        pass


def closes(peer: Connection) -> None:
    peer.sock.close()


def receives_and_closes(peer: Connection) -> None:
    peer.receive()
    peer.sock.close()


def resets(peer: Connection) -> None:
    peer.reset()


def receives_and_resets(peer: Connection) -> None:
    peer.receive()
    peer.reset()


def speaks_tls(peer: Connection) -> None:
    peer.start_tls()
    peer.flood(b"HTTP/1.1 200 OK\r\n")


def sending(data: bytes) -> Act:
    """Send the data, then only receive."""

    def act(peer: Connection) -> None:
        peer.send(data)
        silent(peer)

    return act


def flooding(*pieces: bytes) -> Act:
    """Send all pieces, the last one without end."""

    def act(peer: Connection) -> None:
        for piece in pieces[:-1]:
            peer.send(piece)
        peer.flood(pieces[-1])

    ENDLESS.add(act)
    return act


def dripping(start: bytes, rest: bytes) -> Act:
    def act(peer: Connection) -> None:
        peer.send(start)
        peer.drip(rest)

    return act


def within_tls(act: Act) -> Act:
    def secured(peer: Connection) -> None:
        peer.start_tls()
        act(peer)

    return _like(act, secured)


def after_ssl_request(act: Act) -> Act:
    """Accept TLS as PostgreSQL does, then act."""

    def secured(peer: Connection) -> None:
        peer.receive()
        peer.send(b"S")
        peer.start_tls()
        act(peer)

    return _like(act, secured)


def after(answer: bytes, act: Act) -> Act:
    """Answer the first message, then act."""

    def acting(peer: Connection) -> None:
        peer.receive()
        peer.send(answer)
        act(peer)

    return _like(act, acting)


def greeting_first(act: Act) -> Act:
    """Send a greeting as MySQL does, then act."""

    def acting(peer: Connection) -> None:
        peer.send(GREETING)
        act(peer)

    return _like(act, acting)


def _like(act: Act, made: Act) -> Act:
    if act in ENDLESS:
        ENDLESS.add(made)
    return made


def postgres_message(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("!I", len(payload) + 4) + payload


def mysql_packet(number: int, payload: bytes) -> bytes:
    return struct.pack("<I", len(payload) | number << 24) + payload


AUTHENTICATED = postgres_message(b"R", struct.pack("!I", 0))
VERSION = postgres_message(b"S", b"server_version\x0015.1\0")
READY = VERSION + postgres_message(b"Z", b"I")
CHALLENGE = postgres_message(b"R", struct.pack("!I", 10) + b"SCRAM-SHA-256\0\0")
RANDOM = random.Random(7).randbytes(65536)
HEAD = b"HTTP/1.1 200 OK\r\n"
BOMB = gzip.compress(bytes(64 << 20))


def scram(rounds: bytes) -> Act:
    """Request a number of rounds of SCRAM."""

    def act(peer: Connection) -> None:
        peer.receive()
        peer.send(CHALLENGE)
        nonce = peer.receive().partition(b"r=")[2]
        first = b"r=" + nonce + b"x,s=c2FsdHNhbHQ=,i=" + rounds
        peer.send(postgres_message(b"R", struct.pack("!I", 11) + first))
        silent(peer)

    return act


ANY_KIND: dict[str, Act] = {
    "silent": silent,
    "closes": closes,
    "receives and closes": receives_and_closes,
    "resets": resets,
    "receives and resets": receives_and_resets,
    "drips NUL": dripping(b"", b"\0"),
    "drips lines": dripping(b"", b"\r\n"),
    "endless NUL": flooding(bytes(65536)),
    "endless lines": flooding(b"\r\n"),
    "endless text": flooding(b"a"),
    "garbage": flooding(RANDOM),
    "SSH": sending(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "SMTP": sending(b"220 mail ESMTP\r\n"),
    "HTTP": after(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", silent),
    "POP3": sending(b"+OK ready\r\n"),
    "TLS on plain": speaks_tls,
    "an alert of TLS": after(b"\x15\x03\x01\0\x02\x02\x46", closes),
    "early hints": flooding(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "a huge string of Redis": flooding(b"$2147483648\r\n", b"a"),
    "a huge array of Redis": flooding(b"*2147483648\r\n", b"$1\r\na\r\n"),
    "a huge message of PostgreSQL": flooding(b"R\x7f\xff\xff\xff", b"a"),
    "a huge packet of MySQL": flooding(b"\xff\xff\xff\0\x0a", b"a"),
    "a huge record of TLS": flooding(b"\x16\x03\x03\xff\xff", b"a"),
    "empty records of TLS": flooding(b"\x16\x03\x03\0\0"),
    "alerts of TLS": flooding(b"\x15\x03\x03\0\x02\x01\0"),
}

HTTP: dict[str, Act] = {
    "hints with headers": flooding(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"),
    "100 continue": flooding(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "dripping hints": dripping(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "an endless status line": flooding(b"HTTP/1.1 200 ", b"a"),
    "an endless header": flooding(HEAD, b"X: ", b"a"),
    "endless headers": flooding(HEAD, b"X-A: a\r\n"),
    "endless cookies": flooding(HEAD, b"Set-Cookie: a=b; Path=/; Expires=Wed, 09 Jun 2100 10:18:14 GMT\r\n"),
    "a dripping header": dripping(HEAD, b"X: a\r\n"),
    "a huge length": flooding(HEAD, b"Content-Length: 99999999999\r\n\r\n", b"a"),
    "a length of no number": flooding(HEAD, b"Content-Length: " + b"9" * 4000 + b"\r\n\r\n", b"a"),
    "a body without a length": flooding(HEAD, b"\r\n", b"a"),
    "a huge chunk": flooding(HEAD, b"Transfer-Encoding: chunked\r\n\r\nfffffffffff\r\n", b"a"),
    "tiny chunks": flooding(HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    "chunk extensions": flooding(HEAD, b"Transfer-Encoding: chunked\r\n\r\n1", b";a=b"),
    "endless trailers": flooding(HEAD, b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: a\r\n"),
    "a dripping body": dripping(HEAD + b"\r\n", b"a"),
    "a bomb": flooding(HEAD, b"Content-Encoding: gzip\r\n\r\n", BOMB),
    "bombs": flooding(
        HEAD, b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", b"5\r\n\x1f\x8b\x08\0\0\r\n"
    ),
    "a redirect to itself": after(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", silent),
    "switching": flooding(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", b"a"),
    "deep JSON": flooding(HEAD, b"\r\n", b"[" * 65536),
}

POSTGRES: dict[str, Act] = {
    "an endless message": flooding(b"E\0\0\xff\xffSFATAL\0M", b"a"),
    "a dripping message": dripping(b"E\0\0\xff\xffSFATAL\0M", b"a"),
    "notices": after(b"", flooding(postgres_message(b"N", b"\0"))),
}
POSTGRES_LOGIN: dict[str, Act] = {
    "rounds of SCRAM": scram(b"2147483647"),
    "rounds of SCRAM in many digits": scram(b"0" * 30000 + b"9" * 30000),
    "notices after the login": after(AUTHENTICATED, flooding(postgres_message(b"N", b"\0"))),
    "a huge row": after(AUTHENTICATED + READY, flooding(b"D\x7f\xff\xff\xff", b"a")),
    "a login without a version": after(AUTHENTICATED + postgres_message(b"Z", b"I"), silent),
    "a version of blanks": after(
        AUTHENTICATED + postgres_message(b"S", b"server_version\0" + b" " * 60000 + b"\0") + READY[-6:], silent
    ),
    "parameters": after(AUTHENTICATED, flooding(postgres_message(b"S", b"a\0b\0"))),
    "a stop after the login": after(AUTHENTICATED + READY, silent),
}
REDIS: dict[str, Act] = {
    "an endless error": flooding(b"-ERR ", b"a"),
    "a dripping error": dripping(b"-ERR ", b"a"),
    "endless +OK": flooding(b"+OK\r\n"),
}
MYSQL: dict[str, Act] = {
    "an endless greeting": flooding(b"\xff\xff\0\0\x0a", b"a" * 70000),
    "a dripping greeting": dripping(b"\xff\xff\0\0\x0a", b"a"),
    "greetings": flooding(mysql_packet(0, b"\x0a8.0\0" + bytes(40))),
    "packets of 64 KiB": flooding(mysql_packet(0, b"\x0a" + bytes(65000))),
}
GREETING = mysql_packet(
    0, b"\x0a8.4.0\0" + bytes(12) + b"\0\0\xa2\xff\2\0\x08\0\x15" + bytes(23) + b"mysql_native_password\0"
)
LOGIN_OK = mysql_packet(2, b"\0\0\0\2\0\0\0")
MYSQL_LOGIN: dict[str, Act] = {
    "endless methods": greeting_first(flooding(mysql_packet(2, b"\xfemysql_native_password\0" + bytes(21)))),
    "a huge method": greeting_first(flooding(b"\xff\xff\0\2\xfe", b"a" * 70000)),
    "an endless error after the greeting": greeting_first(flooding(b"\xff\xff\0\2\xff\x15\x04", b"a" * 70000)),
    "a stop after the login of MySQL": greeting_first(after(LOGIN_OK, silent)),
    "endless columns": greeting_first(after(LOGIN_OK, flooding(mysql_packet(1, b"\xfa" * 200)))),
    "a huge column": greeting_first(after(LOGIN_OK, flooding(b"\xfe\xff\xff\1\3def", b"a" * 70000))),
    "empty packets": greeting_first(after(LOGIN_OK, flooding(b"\0\0\0\1"))),
}
