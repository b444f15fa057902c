"""Public reasons and codes for errors of the network and of TLS, by their numbers."""

import errno
import os
import re
import socket
import ssl
from typing import NamedTuple

from petsage.checks.model import Code


class Reason(NamedTuple):
    """A public reason, with `{}` for the peer's address, and its code."""

    text: str
    code: Code


_RESET = Reason("connection reset by {}", Code.RESET)
_NO_ROUTE = Reason("no route to {}", Code.UNREACHABLE)
_NOT_PERMITTED = Reason("connecting to {} is forbidden here", Code.UNREACHABLE)
_NO_DESCRIPTOR = Reason("out of file descriptors", Code.LOCAL)

# The most informative first: if the addresses of a host fail differently, the first of these is reported.
_REASONS = {
    errno.ECONNREFUSED: Reason("connection refused by {}", Code.REFUSED),
    errno.ECONNRESET: _RESET,
    errno.EPIPE: _RESET,
    errno.ECONNABORTED: _RESET,
    errno.ENETRESET: _RESET,
    errno.ENOTCONN: _RESET,
    errno.ETIMEDOUT: Reason("timed out: no answer from {}", Code.TIMEOUT),
    errno.EHOSTUNREACH: _NO_ROUTE,
    errno.ENETUNREACH: _NO_ROUTE,
    errno.EHOSTDOWN: _NO_ROUTE,
    errno.ENETDOWN: _NO_ROUTE,
    errno.EACCES: _NOT_PERMITTED,
    errno.EPERM: _NOT_PERMITTED,
    errno.EADDRNOTAVAIL: Reason("no local address left to connect to {} from", Code.LOCAL),
    errno.EAFNOSUPPORT: Reason("this machine has no network of the address family of {}", Code.LOCAL),
    errno.EMFILE: _NO_DESCRIPTOR,
    errno.ENFILE: _NO_DESCRIPTOR,
    errno.ENOBUFS: Reason("out of memory to connect to {}", Code.LOCAL),
    errno.ENOMEM: Reason("out of memory to connect to {}", Code.LOCAL),
    errno.ENOENT: Reason("{}: no such socket", Code.MISSING),
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

# Reasons of OpenSSL's ssl.h: the peer does not speak TLS; it wants a certificate of the client (TLS 1.2 has no alert of
# its own for that, and sends a failure of the handshake).
_NO_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"}
_CERTIFICATE_REQUIRED = {"TLSV13_ALERT_CERTIFICATE_REQUIRED", "TLSV1_ALERT_CERTIFICATE_REQUIRED"}
_HANDSHAKE_REFUSED = {"SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_HANDSHAKE_FAILURE"}


def network_reason(error: OSError) -> Reason:
    """Return the reason for an error of the network, the resolver or `ssl`."""
    if isinstance(error, socket.gaierror):
        return _unresolved(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Reason(f"{{}}: {_distrust(error)}", Code.CERTIFICATE)
    if isinstance(error, ssl.SSLError):
        return _handshake_failure(error)
    numbers = _error_numbers(error)
    known = next((reason for number, reason in _REASONS.items() if number in numbers), None)
    return known or Reason(f"{{}}: {_describe_unknown(numbers)}", Code.FAILED)


def _error_numbers(error: OSError) -> set[int]:
    """Return the error's number; several where the addresses of a host failed differently."""
    if error.errno:
        return {error.errno}
    if by_class := next((number for kind, number in _NUMBERS.items() if isinstance(error, kind)), None):
        return {by_class}
    return _combined_numbers(error)


def _combined_numbers(error: OSError) -> set[int]:
    """Return the numbers of aiohappyeyeballs' error for addresses that failed differently.

    It is `OSError("Multiple exceptions: [Errno 101] ..., [Errno 111] ...")`, with neither `errno` nor a cause: the text
    is the only source of the numbers. A text in another form is ignored.
    """
    text = str(error)[:_MAX_COMBINED]
    if not text.startswith(_COMBINED):
        return set()
    return {int(number) for number in re.findall(r"\[Errno (\d{1,9})\]", text)}


_COMBINED, _MAX_COMBINED = "Multiple exceptions: ", 4096

# For errors that are raised without a number, as asyncio and ssl do.
_NUMBERS: dict[type[OSError], int] = {
    ConnectionRefusedError: errno.ECONNREFUSED,
    ConnectionResetError: errno.ECONNRESET,
    ConnectionAbortedError: errno.ECONNABORTED,
    BrokenPipeError: errno.EPIPE,
    TimeoutError: errno.ETIMEDOUT,
}


def _describe_unknown(numbers: set[int]) -> str:
    named = next((number for number in sorted(numbers) if number in errno.errorcode), None)
    return "the connection failed" + (f": {os.strerror(named).lower()}" if named else "")


def _unresolved(error: socket.gaierror) -> Reason:
    later = error.errno == socket.EAI_AGAIN
    return Reason("{} does not resolve" + (": the name server does not answer" if later else ""), Code.UNRESOLVED)


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _UNKNOWN_AUTHORITY:
        return "the certificate is signed by an unknown authority"
    return _CERTIFICATE.get(error.verify_code, f"the certificate is not trusted: {error.verify_message}")


def _handshake_failure(error: ssl.SSLError) -> Reason:
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Reason("{} closed the connection during the TLS handshake", Code.CLOSED)
    reason = getattr(error, "reason", None) or "unknown"
    if reason in _NO_TLS:
        return Reason("{} does not speak TLS", Code.TLS)
    if reason in _CERTIFICATE_REQUIRED:
        return Reason("{} asks for a client's certificate", Code.TLS)
    if reason in _HANDSHAKE_REFUSED:
        text = "{} refused the TLS handshake: it may ask for a client's certificate, or for another cipher"
        return Reason(text, Code.TLS)
    return Reason(f"{{}}: TLS failed: {reason.lower().replace('_', ' ')}", Code.TLS)
