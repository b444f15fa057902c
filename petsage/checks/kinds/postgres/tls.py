"""What a URL says of TLS, in the parameters of libpq, where nobody logs in; with a login asyncpg obeys them."""

from petsage.checks.sdk.tls import TlsOptions
from petsage.checks.sdk.urls import UrlParts

FILES = ("sslrootcert", "sslcert", "sslkey")
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_PLAIN = ("disable", "allow")
_VERIFYING = ("verify-ca", "verify-full")


def mode(parts: UrlParts | None) -> str:
    """Return how TLS is wanted."""
    return parts.parameters.get("sslmode", "disable") if parts else "disable"


def is_enabled(parts: UrlParts | None) -> bool:
    """Say whether the server is asked for TLS."""
    return mode(parts) not in _PLAIN


def is_required(parts: UrlParts | None) -> bool:
    """Say whether there is no going on without TLS."""
    return is_enabled(parts) and mode(parts) != "prefer"


def tls_options(parts: UrlParts | None) -> TlsOptions | None:
    """Return the options of the context, None for no TLS.

    As in libpq, a certificate is verified by the authority that is named, also where `sslmode` only requires TLS.
    """
    if parts is None or not is_enabled(parts):
        return None
    said = parts.parameters
    authority = said.get("sslrootcert")
    system = authority == "system"
    return TlsOptions(
        verify=mode(parts) in _VERIFYING or (authority is not None and is_required(parts)),
        check_host=mode(parts) == "verify-full" or (system and is_required(parts)),
        ca=None if system else authority,
        certificate=said.get("sslcert"),
        key=said.get("sslkey"),
        required=is_required(parts),
    )


def find_mistake(parts: UrlParts) -> str | None:
    """Return what is wrong with the parameters for TLS, naming them and no value."""
    said = parts.parameters
    if said.get("sslmode", "prefer") not in MODES:
        return f"sslmode must be one of {', '.join(MODES)}"
    if "sslmode" not in said and (idle := [name for name in FILES if name in said]):
        return f"{idle[0]} needs sslmode"
    if "sslkey" in said and "sslcert" not in said:
        return "sslkey needs sslcert"
    return None
