"""Public reasons for what goes wrong on the way to a server."""

import asyncio
import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from petsage.checks.model import CheckFailed, Code


class _Reason(NamedTuple):
    """A public reason, `{}` for the place, and its code."""

    text: str
    code: Code


_RESET = _Reason("connection reset by {}", Code.RESET)
_NO_ROUTE = _Reason("no route to {}", Code.UNREACHABLE)
_FORBIDDEN = _Reason("connecting to {} is forbidden here", Code.UNREACHABLE)
_NO_DESCRIPTOR = _Reason("out of file descriptors", Code.LOCAL)

# In the order of what tells most, for a host whose addresses fail differently.
_REASONS = {
    errno.ECONNREFUSED: _Reason("connection refused by {}", Code.REFUSED),
    errno.ECONNRESET: _RESET,
    errno.EPIPE: _RESET,
    errno.ECONNABORTED: _RESET,
    errno.ENETRESET: _RESET,
    errno.ENOTCONN: _RESET,
    errno.ETIMEDOUT: _Reason("timed out: no answer from {}", Code.TIMEOUT),
    errno.EHOSTUNREACH: _NO_ROUTE,
    errno.ENETUNREACH: _NO_ROUTE,
    errno.EHOSTDOWN: _NO_ROUTE,
    errno.ENETDOWN: _NO_ROUTE,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EADDRNOTAVAIL: _Reason("no local address left to connect to {} from", Code.LOCAL),
    errno.EAFNOSUPPORT: _Reason("no network here of the family of {}", Code.LOCAL),
    errno.EMFILE: _NO_DESCRIPTOR,
    errno.ENFILE: _NO_DESCRIPTOR,
    errno.ENOBUFS: _Reason("out of memory to connect to {}", Code.LOCAL),
    errno.ENOMEM: _Reason("out of memory to connect to {}", Code.LOCAL),
    errno.ENOENT: _Reason("{}: no such socket", Code.MISSING),
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

# Reasons of OpenSSL's ssl.h: what came was no TLS; alerts to who shows no certificate, of TLS 1.3 and of TLS 1.2, which
# has none of its own for that.
_NO_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"}
_CERTIFICATE_WANTED = {"TLSV13_ALERT_CERTIFICATE_REQUIRED", "TLSV1_ALERT_CERTIFICATE_REQUIRED"}
_HANDSHAKE_REFUSED = {"SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_HANDSHAKE_FAILURE"}


def format_address(host: str, port: int) -> str:
    """Write host and port as one writes them in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@contextmanager
def translate_errors(where: str) -> Iterator[None]:
    """Turn an `OSError`, of TLS too, into a public reason."""
    try:
        yield
    except OSError as error:
        raise network_failure(error, where) from None


@contextmanager
def timeout_reason(for_what: str) -> Iterator[None]:
    """Note on a cancellation what was waited for, so that whoever reports the timeout can say it."""
    try:
        yield
    except asyncio.CancelledError as cancelled:
        cancelled.add_note(for_what)
        raise


@contextmanager
def translate_file_errors(path: Path) -> Iterator[None]:
    """Turn what the file system says of a path that cannot be looked at into a public reason."""
    try:
        yield
    except FileNotFoundError:
        raise CheckFailed(f"{path} does not exist", code=Code.MISSING) from None
    except OSError as error:
        code = _FILE_CODES.get(error.errno or 0, Code.FAILED)
        raise CheckFailed(f"{path}: {error.strerror or 'cannot be looked at'}", code=code) from None


_FILE_CODES = {errno.ENOTDIR: Code.MISSING, errno.EACCES: Code.DENIED, errno.EPERM: Code.DENIED}


def network_failure(error: OSError, where: str) -> CheckFailed:
    """Return the failure, with its code, that an error of the network or of TLS is."""
    text, code = _reason_for(error)
    return CheckFailed(text.replace("{}", _host(where) if code is Code.UNRESOLVED else where), code=code)


def reason(error: OSError, where: str) -> str:
    """Return the public reason for an error of the network or of TLS."""
    return str(network_failure(error, where))


def _host(where: str) -> str:
    return where.rpartition(":")[0] or where


def _reason_for(error: OSError) -> _Reason:
    if isinstance(error, socket.gaierror):
        return _unresolved(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _Reason(f"{{}}: {_distrust(error)}", Code.CERTIFICATE)
    if isinstance(error, ssl.SSLError):
        return _handshake_failure(error)
    numbers = _error_numbers(error)
    known = next((trouble for number, trouble in _REASONS.items() if number in numbers), None)
    return known or _Reason(f"{{}}: {_describe_unknown(numbers)}", Code.FAILED)


def _error_numbers(error: OSError) -> set[int]:
    """Return the error numbers; where addresses fail differently, aiohappyeyeballs tells them in its text only."""
    if error.errno:
        return {error.errno}
    by_class = next((number for kind, number in _CLASSES.items() if isinstance(error, kind)), None)
    return {by_class} if by_class else {int(number) for number in re.findall(r"Errno (\d{1,9})", str(error)[:4096])}


# Python's classes of errors, for those that are raised without a number.
_CLASSES: dict[type[OSError], int] = {
    ConnectionRefusedError: errno.ECONNREFUSED,
    ConnectionResetError: errno.ECONNRESET,
    ConnectionAbortedError: errno.ECONNABORTED,
    BrokenPipeError: errno.EPIPE,
    TimeoutError: errno.ETIMEDOUT,
}


def _describe_unknown(numbers: set[int]) -> str:
    named = next((number for number in sorted(numbers) if number in errno.errorcode), None)
    return "the connection failed" + (f": {os.strerror(named).lower()}" if named else "")


def _unresolved(error: socket.gaierror) -> _Reason:
    later = error.errno == socket.EAI_AGAIN
    return _Reason("{} does not resolve" + (": the name server does not answer" if later else ""), Code.UNRESOLVED)


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _UNKNOWN_AUTHORITY:
        return "the certificate is of an unknown authority"
    return _CERTIFICATE.get(error.verify_code, f"the certificate is not trusted: {error.verify_message}")


def _handshake_failure(error: ssl.SSLError) -> _Reason:
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _Reason("{} closed the connection during the TLS handshake", Code.CLOSED)
    said = getattr(error, "reason", None) or "unknown"
    if said in _NO_TLS:
        return _Reason("{} does not speak TLS", Code.TLS)
    if said in _CERTIFICATE_WANTED:
        return _Reason("{} asks for a client's certificate", Code.TLS)
    if said in _HANDSHAKE_REFUSED:
        text = "{} refused the TLS handshake: it may ask for a client's certificate, or for another cipher"
        return _Reason(text, Code.TLS)
    return _Reason(f"{{}}: TLS failed: {said.lower().replace('_', ' ')}", Code.TLS)
