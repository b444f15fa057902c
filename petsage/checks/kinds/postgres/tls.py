"""TLS parameters of a URL, as libpq names them, for checks without a login; with one, asyncpg reads them."""

from petsage.checks.sdk.tls import TlsOptions
from petsage.checks.sdk.urls import UrlParts

FILES = ("sslrootcert", "sslcert", "sslkey")
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_PLAIN = ("disable", "allow")
_VERIFYING = ("verify-ca", "verify-full")


def mode(parts: UrlParts | None) -> str:
    """Return `sslmode`, by default `disable`."""
    return parts.parameters.get("sslmode", "disable") if parts else "disable"


def is_enabled(parts: UrlParts | None) -> bool:
    """Return whether TLS is requested."""
    return mode(parts) not in _PLAIN


def is_required(parts: UrlParts | None) -> bool:
    """Return whether a server without TLS fails the check."""
    return is_enabled(parts) and mode(parts) != "prefer"


def tls_options(parts: UrlParts | None) -> TlsOptions | None:
    """Return the options of the context, None for no TLS.

    As in libpq, a certificate is verified by the authority that is named, also where `sslmode` only requires TLS.
    """
    if parts is None or not is_enabled(parts):
        return None
    given = parts.parameters
    authority = given.get("sslrootcert")
    system = authority == "system"
    return TlsOptions(
        verify=mode(parts) in _VERIFYING or (authority is not None and is_required(parts)),
        check_host=mode(parts) == "verify-full" or (system and is_required(parts)),
        ca=None if system else authority,
        certificate=given.get("sslcert"),
        key=given.get("sslkey"),
        required=is_required(parts),
    )


def find_mistake(parts: UrlParts) -> str | None:
    """Return the first mistake in the TLS parameters, without any of their values; None when there is none."""
    given = parts.parameters
    if given.get("sslmode", "prefer") not in MODES:
        return f"sslmode must be one of {', '.join(MODES)}"
    if "sslmode" not in given and (unused := [name for name in FILES if name in given]):
        return f"{unused[0]} needs sslmode"
    if "sslkey" in given and "sslcert" not in given:
        return "sslkey needs sslcert"
    return None
