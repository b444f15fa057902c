"""TLS parameters of a `rediss` URL, as redis-py names them."""

from collections.abc import Mapping

from petsage.checks.sdk.tls import TlsOptions
from petsage.checks.sdk.urls import UrlParts

_VALUES: Mapping[str, tuple[str, ...]] = {
    "ssl_cert_reqs": ("none", "optional", "required"),
    "ssl_check_hostname": ("true", "false", "1", "0", "yes", "no"),
}
PARAMETERS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", *_VALUES)
"""The parameters that a `rediss` URL supports."""

SCHEMES = ("rediss", "valkeys")
"""The schemes that use TLS."""


def find_mistake(parts: UrlParts) -> str | None:
    """Return the first mistake in the TLS parameters, without any of their values; None when there is none."""
    for name, value in parts.parameters.items():
        if name in PARAMETERS and parts.scheme not in SCHEMES:
            return f"{name} needs a url that begins with rediss://"
        if name in _VALUES and value.lower() not in _VALUES[name]:
            return f"{name} must be one of {', '.join(_VALUES[name])}"
    if "ssl_keyfile" in parts.parameters and "ssl_certfile" not in parts.parameters:
        return "ssl_keyfile needs ssl_certfile"
    return None


def tls_options(parts: UrlParts) -> TlsOptions:
    """Return the options of the context."""
    given = parts.parameters
    return TlsOptions(
        verify=given.get("ssl_cert_reqs", "required").lower() != "none",
        check_host=given.get("ssl_check_hostname", "true").lower() not in {"false", "0", "no"},
        ca=given.get("ssl_ca_certs"),
        certificate=given.get("ssl_certfile"),
        key=given.get("ssl_keyfile"),
    )
