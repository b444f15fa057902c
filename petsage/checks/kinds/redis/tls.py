"""What a `rediss` URL says of TLS, in the parameters of redis-py."""

from collections.abc import Mapping

from petsage.checks.sdk.tls import TlsOptions
from petsage.checks.sdk.urls import UrlParts

_VALUES: Mapping[str, tuple[str, ...]] = {
    "ssl_cert_reqs": ("none", "optional", "required"),
    "ssl_check_hostname": ("true", "false", "1", "0", "yes", "no"),
}
PARAMETERS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", *_VALUES)
"""Parameters of a URL that are obeyed with `rediss`."""

SCHEMES = ("rediss", "valkeys")
"""Schemes that are TLS."""


def find_mistake(parts: UrlParts) -> str | None:
    """Return what is wrong with the parameters for TLS, naming them and no value."""
    for name, value in parts.parameters.items():
        if name in PARAMETERS and parts.scheme not in SCHEMES:
            return f"{name} needs a url that begins with rediss://"
        if name in _VALUES and value.lower() not in _VALUES[name]:
            return f"{name} must be one of {', '.join(_VALUES[name])}"
    if "ssl_keyfile" in parts.parameters and "ssl_certfile" not in parts.parameters:
        return "ssl_keyfile needs ssl_certfile"
    return None


def tls_options(parts: UrlParts) -> TlsOptions:
    """Return what the context holds."""
    said = parts.parameters
    return TlsOptions(
        verify=said.get("ssl_cert_reqs", "required").lower() != "none",
        check_host=said.get("ssl_check_hostname", "true").lower() not in {"false", "0", "no"},
        ca=said.get("ssl_ca_certs"),
        certificate=said.get("ssl_certfile"),
        key=said.get("ssl_keyfile"),
    )
