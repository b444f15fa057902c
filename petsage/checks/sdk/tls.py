"""TLS for checks: contexts of clients, and a TLS engine without a socket."""

import ssl
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.lazy import ReloadedValue


def client_context(ca_file: Path | None = None, *, verify: bool = True) -> ssl.SSLContext:
    """Build a context for clients; this blocks for about 16 ms.

    Arguments:
        ca_file: The authorities that are trusted, by default the system's.
        verify: False accepts any certificate.

    Raises:
        CheckFailed: The file cannot be read, or holds no certificates.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise CheckFailed(f"{ca_file} holds no certificates", code=Code.LOCAL) from None
    except OSError as error:
        raise CheckFailed(f"{ca_file} cannot be read: {error.strerror}", code=Code.LOCAL) from None
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def reloaded_context(ca_file: Path | None = None, *, verify: bool = True) -> ReloadedValue[ssl.SSLContext]:
    """Return a context that is rebuilt when a file of trusted authorities has changed.

    Arguments are those of `client_context`; `get()` raises what it raises. A kind whose context is made of more files
    builds a `ReloadedValue` of `trusted_files` and its own, or uses `TlsOptions`.
    """
    files = partial(trusted_files, ca_file) if verify else tuple
    return ReloadedValue(partial(client_context, ca_file, verify=verify), files)


def trusted_files(ca_file: Path | None = None) -> Iterator[Path]:
    """Yield the files and folders that `client_context` reads."""
    if ca_file is not None:
        yield ca_file
        return
    system = ssl.get_default_verify_paths()
    yield from (Path(path) for path in (system.cafile, system.capath) if path)


class TlsEngine:
    """The client's side of a TLS connection, without a socket; its methods raise what `ssl` raises.

    Attributes:
        ssl_object: The `ssl.SSLObject`, for the certificate and the version.
    """

    def __init__(self, context: ssl.SSLContext, server_name: str) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.ssl_object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    def handshake(self) -> bool:
        """Continue the handshake with what was received; return whether it is complete."""
        try:
            self.ssl_object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def feed(self, data: bytes) -> None:
        """Add bytes from the socket; `b""` is the end of the connection."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def read(self) -> bytes | None:
        """Return decrypted bytes, `b""` at the end (with a close_notify or not), None when more must be fed first."""
        try:
            return self.ssl_object.read(1 << 16)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLEOFError:
            return b""

    def encrypt(self, data: bytes) -> bytes:
        """Return the bytes for the socket that carry `data`."""
        self.ssl_object.write(data)
        return self.take_output()

    def take_output(self) -> bytes:
        """Return and remove the bytes that are to be written to the socket."""
        return self._outgoing.read()

    def close_notify(self) -> bytes:
        """Return the bytes that close the connection; the peer's own close_notify is not waited for."""
        with suppress(ssl.SSLError):
            self.ssl_object.unwrap()
        return self.take_output()


class TlsPolicy(NamedTuple):
    """How one run uses TLS: its context, the name of the server, and whether a server without TLS fails the check."""

    context: ssl.SSLContext
    server_name: str
    required: bool


class TlsOptions(NamedTuple):
    """Settings of a TLS context, as the parameters of a URL give them.

    Attributes:
        verify: Whether the server's certificate must be trusted.
        check_host: Whether it must be for the server's name.
        ca: The file of the authorities that are trusted, None for the system's.
        certificate: The file of the client's certificate.
        key: The file of its key, None where `certificate` has it; without a password.
        required: Whether a server without TLS fails the check.
    """

    verify: bool = True
    check_host: bool = True
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    required: bool = True

    def reloaded_context(self) -> ReloadedValue[ssl.SSLContext]:
        """Return the context, which is rebuilt when one of its files has changed."""
        return ReloadedValue(partial(_context, self), partial(_files, self))


def _files(options: TlsOptions) -> Iterator[Path]:
    if options.verify:
        yield from trusted_files(_path(options.ca))
    yield from (Path(file) for file in (options.certificate, options.key) if file)


def _context(options: TlsOptions) -> ssl.SSLContext:
    context = client_context(_path(options.ca), verify=options.verify)
    if not options.check_host:
        context.check_hostname = False
    if options.certificate:
        _load_certificate(context, options.certificate, options.key)
    return context


def _load_certificate(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    try:
        context.load_cert_chain(certificate, key, password=_refuse_password)
    except (OSError, ValueError):
        raise CheckFailed(f"{certificate} cannot be used as a client's certificate", code=Code.LOCAL) from None


def _refuse_password() -> str:
    """Raise an error, since OpenSSL would prompt on the terminal."""
    raise ValueError("the key has a password")


def _path(file: str | None) -> Path | None:
    return Path(file) if file else None
