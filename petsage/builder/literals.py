"""Escape text for Python and Markdown, so that no part of it can become code.

Python literals are formatted as `ruff format` does it. They have no characters that look like others (RUF001): letters
of Latin-1 are kept, other characters beyond ASCII are escaped.
"""

import json
import re
from collections.abc import Iterator

WIDTH = 120
_STEP = 4
_ASCII_LAST = 0x7E
_LATIN_1 = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~&$]")
_LINE_START = re.compile(r"^(\s*)(?:([-+=])|(\d{1,9})([.)]))")


def literal(text: str, before: int, indent: int = 0) -> str:
    """Return a text as a Python expression that begins at column `before` of a statement indented by `indent`."""
    pieces = [_escaped(character) for character in text]
    whole = _quoted(pieces)
    if before + len(whole) <= WIDTH:
        return whole
    inner, outer = " " * (indent + _STEP), " " * indent
    if len(inner) + len(whole) <= WIDTH:
        return f"(\n{inner}{whole}\n{outer})"
    lines = "\n".join(f"{inner}{_quoted(line)}" for line in _lines(pieces, WIDTH - len(inner) - 2))
    return f"(\n{lines}\n{outer})"


def docstring(text: str) -> str:
    r"""Return a line as the content of a docstring `\"\"\"….\"\"\"` of one line, cut to fit into it.

    The only backslash allowed in a docstring is that of `\u` (D301).
    """
    written = ""
    for before, character in zip(f'"{text}', text, strict=False):
        piece = _escaped_in_docstring(character, before)
        if len(written) + len(piece) > WIDTH - 20:
            return f"{written.rstrip()} ..".rstrip()
        written += piece
    return written


def markdown(text: str) -> str:
    """Return Markdown that shows exactly this text, line by line."""
    return "\n".join(map(_markdown_line, text.splitlines()))


def _markdown_line(line: str) -> str:
    shown = "".join(character if character.isprintable() else _escape(character) for character in line.strip())
    escaped = _MARKDOWN.sub(r"\\\g<0>", shown)
    return _LINE_START.sub(lambda start: f"{start[1]}\\{start[2]}" if start[2] else f"{start[3]}\\{start[4]}", escaped)


def _lines(pieces: list[str], width: int) -> Iterator[list[str]]:
    """Yield lines broken at spaces where possible, none wider than `width` with its quotes."""
    line: list[str] = []
    for piece in pieces:
        if len(_quoted([*line, piece])) > width:
            end = max((index + 1 for index, one in enumerate(line) if one == " "), default=len(line))
            yield line[:end]
            line = line[end:]
        line.append(piece)
    yield line


def _quoted(pieces: list[str]) -> str:
    """Add quotes that need no backslash; in a text with both kinds of quotes the double ones are escaped."""
    if '"' not in pieces:
        return f'"{"".join(pieces)}"'
    if "'" not in pieces:
        return f"'{''.join(pieces)}'"
    return '"' + "".join(r"\x22" if piece == '"' else piece for piece in pieces) + '"'


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    return character if _is_plain(character) else _escape(character)


def _escaped_in_docstring(character: str, before: str) -> str:
    if _is_plain(character) and character != "\\" and not character == before == '"':
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 (the last of four hex digits)


def _is_plain(character: str) -> bool:
    return " " <= character <= chr(_ASCII_LAST) or character in _LATIN_1


def _escape(character: str) -> str:
    return character.encode("unicode-escape").decode()


_SHORT = {"\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"}


def python(value: object) -> str:
    """Return settings or names as a Python expression: `{"host": "localhost"}`."""
    return json.dumps(value)


def quoted_json(text: str) -> str:
    """Return a text as JSON, which is also YAML."""
    return json.dumps(text, ensure_ascii=False)
