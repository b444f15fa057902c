"""Translation of errors of the network, of TLS and of the file system to failures of checks."""

import asyncio
import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.reasons import network_reason

_FILE_CODES = {errno.ENOTDIR: Code.MISSING, errno.EACCES: Code.DENIED, errno.EPERM: Code.DENIED}


def format_address(host: str, port: int) -> str:
    """Return host and port as in a URL: `db:5432`, `[::1]:5432`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@contextmanager
def translate_errors(where: str) -> Iterator[None]:
    """Raise `CheckFailed` with a public reason in place of an `OSError`, of the network or of TLS.

    Arguments:
        where: The peer's address, as the reason names it; `format_address` makes it.
    """
    try:
        yield
    except OSError as error:
        raise network_failure(error, where) from None


@contextmanager
def timeout_reason(text: str) -> Iterator[None]:
    """Add a public reason to a cancellation, which is reported when the run is cancelled by its timeout.

    Arguments:
        text: What was waited for, such as `no answer from db:5432`; without secrets.
    """
    try:
        yield
    except asyncio.CancelledError as cancelled:
        cancelled.add_note(text)
        raise


@contextmanager
def translate_file_errors(path: Path) -> Iterator[None]:
    """Raise `CheckFailed` with a public reason, which names `path`, in place of an `OSError` of the file system."""
    try:
        yield
    except FileNotFoundError:
        raise CheckFailed(f"{path} does not exist", code=Code.MISSING) from None
    except OSError as error:
        code = _FILE_CODES.get(error.errno or 0, Code.FAILED)
        raise CheckFailed(f"{path}: {error.strerror or 'cannot be read'}", code=code) from None


def network_failure(error: OSError, where: str) -> CheckFailed:
    """Return the failure, with its public reason and code, for an error of the network or of TLS.

    Arguments:
        error: What the socket, the resolver or `ssl` raised.
        where: The peer's address, as the reason names it.
    """
    text, code = network_reason(error)
    return CheckFailed(text.replace("{}", _host(where) if code is Code.UNRESOLVED else where), code=code)


def _host(where: str) -> str:
    return where.rpartition(":")[0] or where
