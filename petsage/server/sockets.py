"""Bind the server's address; each error is one line that names the way out."""

import asyncio
import contextlib
import errno
import fcntl
import os
import socket
import stat
import struct
import termios
from pathlib import Path

from petsage import PetSageError
from petsage.settings import ServerSettings

_REASONS = {
    errno.EADDRINUSE: "another program listens there: stop it, or choose another port with --port or server.port",
    errno.EACCES: "no permission: choose a port above 1023, or a folder that this user may write to",
    errno.EPERM: "no permission: choose a port above 1023, or a folder that this user may write to",
    errno.EADDRNOTAVAIL: "this machine has no such address: choose another with --host or server.host",
    errno.ENOENT: "there is no such folder: create it, or choose another with server.unix_socket",
}

_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)  # errors of ::1 where IPv6 is disabled


class ListenError(PetSageError):
    """The server cannot listen on an address; the text names the address and the way out."""

    def __init__(self, address: str, error: OSError) -> None:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        if isinstance(error, socket.gaierror):
            reason = "the name does not resolve: choose another with --host or server.host"
        super().__init__(f"cannot listen on {address}: {reason}")


def bind(server: ServerSettings) -> list[socket.socket]:
    """Return bound sockets that do not listen yet, so that clients are refused until the server is ready.

    `unix_socket` takes precedence over host and port. Raise `ListenError`.
    """
    if server.unix_socket is not None:
        return [_bind_unix(server.unix_socket)]
    return _bind_tcp(server.host, server.port)


def address(listener: socket.socket) -> str:
    """Return where a socket listens, in the form that `petsage-probe` takes."""
    name = listener.getsockname()
    if listener.family == socket.AF_UNIX:
        return f"unix:{name}"
    return f"http://[{name[0]}]:{name[1]}" if ":" in name[0] else f"http://{name[0]}:{name[1]}"


def close_listeners(listeners: list[socket.socket], unix_socket: Path | None = None) -> None:
    """Close the sockets that `bind` returned, and remove the file of a unix socket."""
    for listener in listeners:
        listener.close()
    if unix_socket is not None:
        unix_socket.unlink(missing_ok=True)


def has_unread(transport: asyncio.Transport) -> bool:
    """Return whether a transport's socket holds input that was not read yet."""
    descriptor = transport.get_extra_info("socket").fileno()
    try:
        (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))
    except (OSError, ValueError):
        return False
    return bool(count)


def _bind_tcp(host: str, port: int) -> list[socket.socket]:
    listeners: list[socket.socket] = []
    try:
        _bind_each_address(host, port, listeners)
    except (OSError, UnicodeError) as error:
        close_listeners(listeners)
        reason = error if isinstance(error, OSError) else socket.gaierror()
        raise ListenError(f"{host}:{port}", reason) from error
    return listeners


def _bind_each_address(host: str, port: int, listeners: list[socket.socket]) -> None:
    """Add a socket for each address of a name; skip addresses that this machine does not have, unless it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    absent: OSError | None = None
    for family, kind, protocol, _, place in found:
        chosen = listeners[0].getsockname()[1] if listeners else port
        try:
            listeners.append(_bound(family, kind, protocol, (place[0], chosen, *place[2:]), alone=len(found) == 1))
        except OSError as error:
            if error.errno not in _ABSENT:
                raise
            absent = error
    if absent is not None and not listeners:
        raise absent


def _bound(family: int, kind: int, protocol: int, place: tuple[object, ...], *, alone: bool) -> socket.socket:
    """Return a socket bound to an address; IPv6 sockets accept IPv4 clients too if `alone`."""
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if alone else 1)
        listener.bind(place)
    except BaseException:
        listener.close()
        raise
    return listener


def _bind_unix(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise ListenError(f"unix:{path}", error) from error
    return listener


def _remove_stale(path: Path) -> None:
    """Remove the socket of a server that no longer runs; raise OSError for one in use, and for any other file."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OSError(errno.EEXIST, "a file of that name is not a socket: choose another path")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(0)
            answer = probe.connect_ex(str(path))
        if answer != errno.ECONNREFUSED:
            busy = answer in (0, errno.EAGAIN)
            raise OSError(errno.EADDRINUSE if busy else answer, os.strerror(answer))
        path.unlink()
