"""TLS contexts as a URL of a database asks for them: made anew when one of their files has changed."""

import ssl
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from petsage.checks.codes import Code
from petsage.checks.model import CheckFailed
from petsage.checks.sdk.renewed import Renewed
from petsage.checks.sdk.tls import client_context, trusted_files


class Wanted(NamedTuple):
    """What a context holds: whom it trusts (`ca` or the system's authorities), and who this side is."""

    verify: bool = True
    check_host: bool = True
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None

    def renewed(self) -> Renewed[ssl.SSLContext]:
        """Return the context as of now, whenever it is asked for."""
        return Renewed(partial(_context, self), partial(_files, self))


def _files(wanted: Wanted) -> Iterator[Path]:
    if wanted.verify:
        yield from trusted_files(_path(wanted.ca))
    yield from (Path(file) for file in (wanted.certificate, wanted.key) if file)


def _context(wanted: Wanted) -> ssl.SSLContext:
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
