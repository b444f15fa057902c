"""Public reasons for what goes wrong on the way to a server."""

import asyncio
import errno
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from petsage.checks.model import CheckFailed

# In the order of what tells most, for a host whose addresses fail differently.
_REASONS = {
    errno.ECONNREFUSED: "connection refused by {}",
    errno.ECONNRESET: "connection reset by {}",
    errno.EPIPE: "connection reset by {}",
    errno.ECONNABORTED: "connection reset by {}",
    errno.ETIMEDOUT: "timed out: no answer from {}",
    errno.EHOSTUNREACH: "no route to {}",
    errno.ENETUNREACH: "no route to {}",
    errno.EACCES: "connecting to {} is forbidden here",
    errno.EPERM: "connecting to {} is forbidden here",
    errno.EADDRNOTAVAIL: "no local address left to connect to {} from",
    errno.EMFILE: "out of file descriptors",
    errno.ENFILE: "out of file descriptors",
}

# X509_V_ERR_ codes of OpenSSL's x509_vfy.h.
_CERTIFICATE = {
    9: "the certificate is not valid yet",
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    62: "the certificate is for another host",
    64: "the certificate is for another address",
}
_UNKNOWN_AUTHORITY = {2, 19, 20, 21}


def place(host: str, port: int) -> str:
    """Write host and port as one writes them in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@contextmanager
def told(where: str) -> Iterator[None]:
    """Turn an `OSError`, of TLS too, into a public reason."""
    try:
        yield
    except OSError as error:
        raise CheckFailed(reason(error, where)) from None


@contextmanager
def waiting(for_what: str) -> Iterator[None]:
    """Note on a cancellation what was waited for, so that whoever reports the timeout can say it."""
    try:
        yield
    except asyncio.CancelledError as cancelled:
        cancelled.add_note(for_what)
        raise


def reason(error: OSError, where: str) -> str:
    """Return the public reason for an error of the network or of TLS."""
    if isinstance(error, socket.gaierror):
        return _unresolved(error, where)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{where}: {_distrusted(error)}"
    if isinstance(error, ssl.SSLError):
        return _no_tls(error, where)
    numbers = {error.errno} if error.errno else {int(number) for number in re.findall(r"Errno (\d{1,9})", str(error))}
    known = next((text for number, text in _REASONS.items() if number in numbers), None)
    unknown = errno.errorcode.get(next(iter(numbers), 0), type(error).__name__)
    return known.format(where) if known else f"{where}: {unknown}"


def _unresolved(error: socket.gaierror, where: str) -> str:
    host = where.rpartition(":")[0] or where
    later = error.errno == socket.EAI_AGAIN
    return f"{host} does not resolve" + (": the name server does not answer" if later else "")


def _distrusted(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _UNKNOWN_AUTHORITY:
        return "the certificate is of an unknown authority"
    return _CERTIFICATE.get(error.verify_code, f"the certificate is not trusted: {error.verify_message}")


def _no_tls(error: ssl.SSLError, where: str) -> str:
    said = getattr(error, "reason", None) or "unknown"
    if said in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"}:
        return f"{where} does not speak TLS"
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return f"{where} closed the connection during the TLS handshake"
    return f"{where}: TLS failed: {said.lower().replace('_', ' ')}"
