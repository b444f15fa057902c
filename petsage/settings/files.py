"""Read the files of a configuration; report why a file or a folder cannot be read."""

import codecs
import os
import re
import stat
from pathlib import Path

from petsage.settings.errors import Place, UnusableError

MAX_FILE_BYTES = 1024 * 1024

_REASONS: dict[type[OSError], str] = {
    FileNotFoundError: "no such file",
    IsADirectoryError: "a folder, not a file",
    PermissionError: "may not be read (permission denied)",
}


def why_not_listable(path: Path) -> str:
    """Return why a folder cannot be listed; an empty text where it can be listed or does not exist."""
    try:
        os.scandir(path).close()
    except FileNotFoundError:
        return ""
    except NotADirectoryError:
        return "not a folder"
    except OSError as error:
        return f"cannot be listed ({error.strerror})"
    return ""


def os_reason(error: OSError) -> str:
    """Return why a system call failed, without the path."""
    text = error.strerror or type(error).__name__
    return _REASONS.get(type(error), text[0].lower() + text[1:])


_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_bytes(path: Path) -> bytes:
    """Return the content of a regular file of at most 1 MiB; raises `UnusableError`.

    A pipe or a device is refused and never waited for.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with open(descriptor, "rb") as stream:  # noqa: PTH123 (a descriptor has no path)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnusableError("not a regular file")
            content = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UnusableError(os_reason(error)) from error
    except ValueError as error:
        raise UnusableError("not a file name") from error
    if len(content) > MAX_FILE_BYTES:
        raise UnusableError("larger than 1 MiB")
    return content


def decode(content: bytes) -> str:
    """Decode UTF-8, or UTF-16 with a byte order mark; raises `UnusableError` with the place of the first bad byte."""
    from yaml.reader import Reader  # noqa: PLC0415 (only a file needs PyYAML)

    encoding = "utf-16" if content.startswith(_UTF16) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding, "replace")
        name = encoding.removesuffix("-sig").upper()
        raise UnusableError(f"not {name} (byte 0x{content[error.start]:02x})", _place(before)) from error
    if found := Reader.NON_PRINTABLE.search(text):
        raise UnusableError(f"character U+{ord(found[0]):04X} is not allowed", _place(text[: found.start()]))
    return text


def _place(before: str) -> Place:
    lines = _BREAK.split(before)
    return len(lines), len(lines[-1]) + 1
