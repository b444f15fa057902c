"""What a URL says of TLS, in the words of MySQL's own clients."""

from collections.abc import Mapping

from petsage.checks.sdk.tls import TlsOptions
from petsage.checks.sdk.urls import UrlParts, repeated_parameters, unknown_parameters

_MODES = ("disabled", "preferred", "required", "verify_ca", "verify_identity")
_VERIFYING = ("verify_ca", "verify_identity")
_REQUIRING = ("required", *_VERIFYING)
_FILES = ("ssl-ca", "ssl-cert", "ssl-key")
_CHARSET = "utf8mb4"


def parameters(parts: UrlParts) -> dict[str, str]:
    """Return the parameters of the query; `_` in a name means `-`."""
    return {name.replace("_", "-"): value for name, value in parts.parameters.items()}


def mode(parts: UrlParts | None) -> str | None:
    """Return how TLS is wanted, None where nothing is said."""
    found = parameters(parts).get("ssl-mode") if parts else None
    return found.lower().replace("-", "_") if found is not None else None


def is_required(mode: str | None) -> bool:
    """Say whether there is no going on without TLS."""
    return mode in _REQUIRING


def tls_options(parts: UrlParts | None, default: str) -> TlsOptions | None:
    """Return the options of the context, None for no TLS; `default` is the mode where the URL has none."""
    words: Mapping[str, str] = parameters(parts) if parts else {}
    how = mode(parts) or default
    if how == "disabled":
        return None
    return TlsOptions(
        verify=how in _VERIFYING,
        check_host=how == "verify_identity",
        ca=words.get("ssl-ca"),
        certificate=words.get("ssl-cert"),
        key=words.get("ssl-key"),
        required=is_required(how),
    )


def find_mistake(parts: UrlParts) -> str | None:
    """Return what is wrong with the parameters, naming them and no value."""
    words, how = parameters(parts), mode(parts)
    known = {name for name in parts.parameters if name.replace("_", "-") in {"ssl-mode", "charset", *_FILES}}
    if unknown := unknown_parameters(parts, known):
        return f"{unknown[0]}: no such parameter of a url"
    if twice := repeated_parameters(parts) or ([next(iter(words))] if len(words) < len(parts.parameters) else []):
        return f"{twice[0]} stands there twice"
    if how is not None and how not in _MODES:
        return f"ssl-mode must be one of {', '.join(name.upper() for name in _MODES)}"
    if words.get("charset", _CHARSET).lower() != _CHARSET:
        return f"charset must be {_CHARSET}"
    return _find_incomplete(words, how)


def _find_incomplete(words: Mapping[str, str], how: str | None) -> str | None:
    if "ssl-ca" in words and how not in _VERIFYING:
        return "ssl-ca needs ssl-mode=VERIFY_CA or ssl-mode=VERIFY_IDENTITY"
    if "ssl-cert" in words and not is_required(how):
        return "ssl-cert needs ssl-mode=REQUIRED, or one that verifies"
    if "ssl-key" in words and "ssl-cert" not in words:
        return "ssl-key needs ssl-cert"
    return None
