"""Folders that a configuration names, and the system's reasons for refusing one."""

import os
from pathlib import Path

_REASONS: dict[type[OSError], str] = {
    FileNotFoundError: "no such file",
    IsADirectoryError: "a folder, not a file",
    PermissionError: "may not be read (permission denied)",
}


def folder_problem(path: Path) -> str:
    """Say why a folder cannot be listed; nothing where it can, or is not there."""
    try:
        os.scandir(path).close()
    except FileNotFoundError:
        return ""
    except NotADirectoryError:
        return "not a folder"
    except OSError as error:
        return f"cannot be listed ({error.strerror})"
    return ""


def reason(error: OSError) -> str:
    """Say why the system refused, without the path."""
    text = error.strerror or type(error).__name__
    return _REASONS.get(type(error), text[0].lower() + text[1:])
