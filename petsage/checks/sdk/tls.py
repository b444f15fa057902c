"""TLS for checks: contexts, and one side of a connection whose bytes others carry."""

import ssl
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.lazy import ReloadedValue


def client_context(ca_file: Path | None = None, *, verify: bool = True) -> ssl.SSLContext:
    """Build a context that trusts `ca_file`, or else what the system trusts; it takes 16 ms."""
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
    """Return a context that is built anew when what it trusts has changed: an authority is added, renewed or removed.

    A kind whose contexts hold more than that makes its own `ReloadedValue`, of `trusted_files` and its other files.
    """
    files = partial(trusted_files, ca_file) if verify else tuple
    return ReloadedValue(partial(client_context, ca_file, verify=verify), files)


def trusted_files(ca_file: Path | None = None) -> Iterator[Path]:
    """Yield the files and folders that `client_context` reads."""
    if ca_file is not None:
        yield ca_file
        return
    usual = ssl.get_default_verify_paths()
    yield from (Path(path) for path in (usual.cafile, usual.capath) if path)


class TlsEngine:
    """The client's side of a TLS connection; it raises what `ssl` raises, and touches no socket."""

    def __init__(self, context: ssl.SSLContext, server_name: str) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    def shake_hands(self) -> bool:
        """Go as far as what has come allows; return whether the handshake is over."""
        try:
            self.object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def feed(self, data: bytes) -> None:
        """Take what the peer has sent; nothing is its end."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def opened(self) -> bytes | None:
        """Return what the peer said, nothing at its end (with a goodbye or not), None when more has to come first."""
        try:
            return self.object.read(1 << 16)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLEOFError:
            return b""

    def sealed(self, data: bytes) -> bytes:
        """Return what is to be sent so that the peer reads `data`."""
        self.object.write(data)
        return self.to_send()

    def to_send(self) -> bytes:
        """Return what is to be sent by now."""
        return self._outgoing.read()

    def goodbye(self) -> bytes:
        """Return what is to be sent at the end; the peer's own goodbye is not waited for."""
        with suppress(ssl.SSLError):
            self.object.unwrap()
        return self.to_send()


class TlsOptions(NamedTuple):
    """What a context holds: whom it trusts (`ca` or the system's authorities), and who this side is."""

    verify: bool = True
    check_host: bool = True
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None

    def renewed(self) -> ReloadedValue[ssl.SSLContext]:
        """Return the context as of now, whenever it is asked for."""
        return ReloadedValue(partial(_context, self), partial(_files, self))


def _files(wanted: TlsOptions) -> Iterator[Path]:
    if wanted.verify:
        yield from trusted_files(_path(wanted.ca))
    yield from (Path(file) for file in (wanted.certificate, wanted.key) if file)


def _context(wanted: TlsOptions) -> ssl.SSLContext:
    context = client_context(_path(wanted.ca), verify=wanted.verify)
    if not wanted.check_host:
        context.check_hostname = False
    if wanted.certificate:
        _show(context, wanted.certificate, wanted.key)
    return context


def _show(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    try:
        context.load_cert_chain(certificate, key, password=_nobody_types_it)
    except (OSError, ValueError):
        raise CheckFailed(f"{certificate} cannot be used as a client's certificate", code=Code.LOCAL) from None


def _nobody_types_it() -> str:
    raise ValueError("the key has a password")


def _path(file: str | None) -> Path | None:
    return Path(file) if file else None
