"""Redis' errors and what they mean for a check, by the code that is their first word.

https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
"""

from collections.abc import Mapping

from petsage.checks.model import CheckFailed, Code
from petsage.checks.sdk.texts import Masker

_MAX_CODE = 20  # characters of a code that is shown

_SERVER: Mapping[str, tuple[str, Code]] = {
    "LOADING": ("starting up: loading its data", Code.STARTING),
    "DENIED": ("protected mode: it accepts connections of its own host only", Code.DENIED),
}
_LOGIN_CODES = {"NOAUTH", "NOPERM", "WRONGPASS"}

# Errors with the general code ERR: only their text distinguishes them, and Redis does not translate it.
_FULL = "ERR max number of clients"
_NO_PASSWORD_SET = ("without any password configured", "no password is set")  # since Redis 6, and before
_WRONG_PASSWORD = "ERR invalid password"  # noqa: S105 (Redis' text before version 6, which has the code WRONGPASS)


def error_code(message: str) -> str:
    """Return the code of an error, its first word."""
    return message.partition(" ")[0]


def is_about_login(message: str) -> bool:
    """Return whether an error is about the client's login or rights; it proves that the server answers."""
    return error_code(message) in _LOGIN_CODES


def command_failure(message: str, masker: Masker) -> CheckFailed:
    """Return the failure for the error of a command."""
    code = Code.DENIED if error_code(message) == "NOPERM" else Code.CONTENT
    return _server_failure(message) or CheckFailed(masker.first_line(message), code=code)


def login_failure(message: str, masker: Masker) -> CheckFailed:
    """Return the failure for an error of AUTH, of which only the code is shown: its text may quote the password."""
    code = error_code(message)
    if code == "WRONGPASS" or message.startswith(_WRONG_PASSWORD):
        return CheckFailed("wrong password", code=Code.LOGIN)
    if any(text in message for text in _NO_PASSWORD_SET):
        return CheckFailed("the server has no password, and this check sends one", code=Code.LOGIN)
    shown = masker.first_line(code, _MAX_CODE)
    return _server_failure(message) or CheckFailed(f"AUTH failed: {shown}", code=Code.LOGIN)


def _server_failure(message: str) -> CheckFailed | None:
    """Return the failure for an error about the server itself, None for another error."""
    if message.startswith(_FULL):
        return CheckFailed("too many connections", code=Code.FULL)
    text, code = _SERVER.get(error_code(message), (None, Code.FAILED))
    return CheckFailed(text, code=code) if text else None
