"""Public API for authors of kinds of checks: settings, connections, TLS, and public reasons for errors.

The names in `__all__` are public. Each is imported when it is first used, so that importing this package costs nothing
and a kind loads only what it needs. `docs/kinds.md` shows how to write a kind.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from petsage.checks.model import CheckFailed, CheckWarning, Code
    from petsage.checks.sdk.cleanup import run_detached
    from petsage.checks.sdk.connection import MAX_BYTES, Stream, connect, open_stream, resolve_host
    from petsage.checks.sdk.databases import DatabaseCheck, DatabaseSchema
    from petsage.checks.sdk.errors import (
        format_address,
        network_failure,
        timeout_reason,
        translate_errors,
        translate_file_errors,
    )
    from petsage.checks.sdk.lazy import LazyValue, ReloadedValue, import_driver, require_driver
    from petsage.checks.sdk.servers import (
        Login,
        LoginSchema,
        ServerCheck,
        ServerSchema,
        has_password,
        has_user,
        read_login,
    )
    from petsage.checks.sdk.settings import FilePath, Host, KindSchema, Port, Text, TextList, Url
    from petsage.checks.sdk.texts import Masker, elapsed_ms, guess_protocol
    from petsage.checks.sdk.tls import (
        TlsEngine,
        TlsOptions,
        TlsPolicy,
        client_context,
        reloaded_context,
        trusted_files,
    )
    from petsage.checks.sdk.transport import BoundedTransport
    from petsage.checks.sdk.urls import (
        UrlError,
        UrlParts,
        is_host,
        mask_password,
        parse_url,
        repeated_parameters,
        strip_login,
        unknown_parameters,
    )
    from petsage.fields import Duration, SecretText, Size, format_duration, format_size
    from petsage.redaction.secret import Secret
    from petsage.text import first_line

__all__ = [
    "MAX_BYTES",
    "BoundedTransport",
    "CheckFailed",
    "CheckWarning",
    "Code",
    "DatabaseCheck",
    "DatabaseSchema",
    "Duration",
    "FilePath",
    "Host",
    "KindSchema",
    "LazyValue",
    "Login",
    "LoginSchema",
    "Masker",
    "Port",
    "ReloadedValue",
    "Secret",
    "SecretText",
    "ServerCheck",
    "ServerSchema",
    "Size",
    "Stream",
    "Text",
    "TextList",
    "TlsEngine",
    "TlsOptions",
    "TlsPolicy",
    "Url",
    "UrlError",
    "UrlParts",
    "client_context",
    "connect",
    "elapsed_ms",
    "first_line",
    "format_address",
    "format_duration",
    "format_size",
    "guess_protocol",
    "has_password",
    "has_user",
    "import_driver",
    "is_host",
    "mask_password",
    "network_failure",
    "open_stream",
    "parse_url",
    "read_login",
    "reloaded_context",
    "repeated_parameters",
    "require_driver",
    "resolve_host",
    "run_detached",
    "strip_login",
    "timeout_reason",
    "translate_errors",
    "translate_file_errors",
    "trusted_files",
    "unknown_parameters",
]

_NAMES = {
    "petsage.checks.model": "CheckFailed CheckWarning Code",
    "petsage.checks.sdk.cleanup": "run_detached",
    "petsage.checks.sdk.connection": "MAX_BYTES Stream connect open_stream resolve_host",
    "petsage.checks.sdk.databases": "DatabaseCheck DatabaseSchema",
    "petsage.checks.sdk.errors": (
        "format_address network_failure timeout_reason translate_errors translate_file_errors"
    ),
    "petsage.checks.sdk.lazy": "LazyValue ReloadedValue import_driver require_driver",
    "petsage.checks.sdk.servers": ("Login LoginSchema ServerCheck ServerSchema has_password has_user read_login"),
    "petsage.checks.sdk.settings": "FilePath Host KindSchema Port Text TextList Url",
    "petsage.checks.sdk.texts": "Masker elapsed_ms guess_protocol",
    "petsage.checks.sdk.tls": "TlsEngine TlsOptions TlsPolicy client_context reloaded_context trusted_files",
    "petsage.checks.sdk.transport": "BoundedTransport",
    "petsage.checks.sdk.urls": (
        "UrlError UrlParts is_host mask_password parse_url repeated_parameters strip_login unknown_parameters"
    ),
    "petsage.fields": "Duration SecretText Size format_duration format_size",
    "petsage.redaction.secret": "Secret",
    "petsage.text": "first_line",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Import a public name."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    return [*__all__]
