"""TLS parameters of a URL, as MySQL's own clients name them."""

from collections.abc import Mapping

from petsage.checks.sdk.tls import TlsOptions
from petsage.checks.sdk.urls import UrlParts, repeated_parameters, unknown_parameters

_MODES = ("disabled", "preferred", "required", "verify_ca", "verify_identity")
_VERIFYING = ("verify_ca", "verify_identity")
_REQUIRING = ("required", *_VERIFYING)
_FILES = ("ssl-ca", "ssl-cert", "ssl-key")
_CHARSET = "utf8mb4"


def parameters(parts: UrlParts) -> dict[str, str]:
    """Return the parameters of a URL's query; a `_` in a name is read as `-`."""
    return {name.replace("_", "-"): value for name, value in parts.parameters.items()}


def mode(parts: UrlParts | None) -> str | None:
    """Return `ssl-mode` in lower case with `_`, None without it."""
    found = parameters(parts).get("ssl-mode") if parts else None
    return found.lower().replace("-", "_") if found is not None else None


def is_required(mode: str | None) -> bool:
    """Return whether a server without TLS fails the check."""
    return mode in _REQUIRING


def tls_options(parts: UrlParts | None, default: str) -> TlsOptions | None:
    """Return the options of the context, None for no TLS; `default` is the mode where the URL has none."""
    given: Mapping[str, str] = parameters(parts) if parts else {}
    chosen = mode(parts) or default
    if chosen == "disabled":
        return None
    return TlsOptions(
        verify=chosen in _VERIFYING,
        check_host=chosen == "verify_identity",
        ca=given.get("ssl-ca"),
        certificate=given.get("ssl-cert"),
        key=given.get("ssl-key"),
        required=is_required(chosen),
    )


def find_mistake(parts: UrlParts) -> str | None:
    """Return the first mistake in the parameters, without any of their values; None when there is none."""
    given, chosen = parameters(parts), mode(parts)
    known = {name for name in parts.parameters if name.replace("_", "-") in {"ssl-mode", "charset", *_FILES}}
    if unknown := unknown_parameters(parts, known):
        return f"{unknown[0]}: no such parameter of a url"
    if twice := repeated_parameters(parts) or ([next(iter(given))] if len(given) < len(parts.parameters) else []):
        return f"{twice[0]} is given twice"
    if chosen is not None and chosen not in _MODES:
        return f"ssl-mode must be one of {', '.join(name.upper() for name in _MODES)}"
    if given.get("charset", _CHARSET).lower() != _CHARSET:
        return f"charset must be {_CHARSET}"
    return _find_incomplete(given, chosen)


def _find_incomplete(given: Mapping[str, str], chosen: str | None) -> str | None:
    if "ssl-ca" in given and chosen not in _VERIFYING:
        return "ssl-ca needs ssl-mode=VERIFY_CA or ssl-mode=VERIFY_IDENTITY"
    if "ssl-cert" in given and not is_required(chosen):
        return "ssl-cert needs ssl-mode=REQUIRED, or one that verifies"
    if "ssl-key" in given and "ssl-cert" not in given:
        return "ssl-key needs ssl-cert"
    return None
