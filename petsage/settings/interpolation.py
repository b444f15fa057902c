"""Interpolation of values, as in Compose: `${VAR}`, `${VAR:-default}`, `${VAR:?message}`, `${VAR:+other}`, `$VAR`.

With the colon an empty variable counts as unset, without it as set (Compose specification, "Interpolation"). `$$` is a
dollar sign. `${file:PATH}` is PetSage's addition: the text of a file, such as a mounted secret, without one trailing
newline. Inside a URL a variable fills one part of the URL and no more (`petsage.settings.urls`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from petsage.settings.errors import UnusableError
from petsage.settings.files import read_bytes
from petsage.settings.urls import Piece, begins_as_url, filled_url

MAX_FILLED_CHARACTERS = 4 * 1024 * 1024
"""Maximum of characters that all variables together expand to."""

_TOKEN = re.compile(r"\$(?:(?P<dollar>\$)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<brace>\{))", re.ASCII)
_BRACES = re.compile(r"\$\$|\$\{|\}")
_BODY = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<how>:?[-?+])(?P<rest>.*))?", re.ASCII | re.DOTALL)
_SYNTAX = "write ${NAME}, ${NAME:-default} or ${file:PATH}, and $$ for a dollar sign"
_MAX_NESTING = 8
_TOO_MUCH = "interpolated values are larger than 4 MiB in all"


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text with its variables filled in.

    `secret` is true where a part of it came from a file, `filled` is false for the dollar sign that is written as `$$`.
    """

    text: str
    secret: bool = False
    filled: bool = True


class Interpolator:
    """Fills in variables. The total length of its results is limited, so that no configuration exhausts the memory."""

    def __init__(self, environ: Mapping[str, str], base: Path) -> None:
        self._environ = environ
        self._base = base
        self._files: dict[str, str] = {}
        self._left = MAX_FILLED_CHARACTERS

    @property
    def file_texts(self) -> tuple[str, ...]:
        """The texts of all files that were read so far."""
        return tuple(self._files.values())

    def expand(self, text: str) -> Expanded:
        """Return the text with its variables filled in.

        Raises `UnusableError` for a variable that is not set and for a malformed `$`; the error never has a value.
        """
        return self._expand(text, 0)

    def _expand(self, text: str, depth: int) -> Expanded:
        pieces: list[Piece] = []
        secret = False
        at = 0
        while (dollar := text.find("$", at)) >= 0:
            pieces.append((False, text[at:dollar]))
            part, at = self._token(text, dollar, depth)
            pieces.append((part.filled, self._counted(part).text))
            secret = secret or part.secret
        pieces.append((False, text[at:]))
        return Expanded(_joined(text, pieces), secret)

    def _counted(self, part: Expanded) -> Expanded:
        self._left -= len(part.text)
        if self._left < 0:
            raise UnusableError(_TOO_MUCH)
        return part

    def _token(self, text: str, dollar: int, depth: int) -> tuple[Expanded, int]:
        token = _TOKEN.match(text, dollar)
        if token is None:
            raise UnusableError(f"a single '$' ({_SYNTAX})")
        if token["dollar"]:
            return Expanded("$", filled=False), token.end()
        if token["name"]:
            return self._variable(token["name"], "", "", depth), token.end()
        end = _closing(text, token.end())
        return self._braced(text[token.end() : end], depth), end + 1

    def _braced(self, body: str, depth: int) -> Expanded:
        if depth >= _MAX_NESTING:
            raise UnusableError(f"'${{' nested more than {_MAX_NESTING} levels deep")
        if body.startswith("file:"):
            return self._file(self._expand(body.removeprefix("file:"), depth + 1).text)
        match = _BODY.fullmatch(body)
        if match is None:
            raise UnusableError(f"malformed '${{' ({_SYNTAX})")
        return self._variable(match["name"], match["how"] or "", match["rest"] or "", depth)

    def _variable(self, name: str, how: str, rest: str, depth: int) -> Expanded:
        value = self._environ.get(name)
        absent = value is None or (how.startswith(":") and not value)
        if how.endswith("+"):
            return Expanded("") if absent else self._expand(rest, depth + 1)
        if not absent:
            return Expanded(value or "")
        if how.endswith("-"):
            return self._expand(rest, depth + 1)
        raise UnusableError(_missing(name, rest, "set" if value is None else "filled"))

    def _file(self, name: str) -> Expanded:
        if self._left < 0:  # no further files are read past the limit
            raise UnusableError(_TOO_MUCH)
        if not name:
            raise UnusableError(f"'${{file:}}' names no file ({_SYNTAX})")
        if name not in self._files:
            self._files[name] = self._read(name)
        return Expanded(self._files[name], secret=True)

    def _read(self, name: str) -> str:
        try:
            text = read_bytes(self._base / name).decode()
        except UnusableError as error:
            raise UnusableError(f"${{file:{name}}}: {error.text}") from error
        except UnicodeDecodeError as error:
            raise UnusableError(f"${{file:{name}}}: not UTF-8") from error
        return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text


def _joined(written: str, pieces: list[Piece]) -> str:
    if begins_as_url(written):
        return filled_url(pieces)
    text = "".join(text for _, text in pieces)
    several = sum(filled or bool(literal) for filled, literal in pieces) > 1
    if several and begins_as_url(text) and len(text.split()) == 1:
        raise UnusableError(
            "a variable fills the beginning of a url (write the scheme, or let one variable be the whole url)"
        )
    return text


def _closing(text: str, start: int) -> int:
    depth = 1
    for found in _BRACES.finditer(text, start):
        depth += {"${": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return found.start()
    raise UnusableError(f"'${{' without its '}}' ({_SYNTAX})")


def _missing(name: str, message: str, state: str) -> str:
    if message:
        return f"variable {name} must be {state}: {message}"
    return f"variable {name} is not {state} (set it, or give a default: ${{{name}:-default}})"
