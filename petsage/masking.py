"""Passwords in texts that others wrote: what is raised often holds the URL that it was about."""

import re

from petsage.secret import MASK

_USERINFO = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@'\"]*):[^\s'\"]*@", re.IGNORECASE)
_MEMBER = re.compile(r"\b(password|passwd|pwd)=[^\s&;'\"]+", re.IGNORECASE)


def masked(text: str) -> str:
    """Return `text` without the passwords that stand in its URLs and connection strings."""
    return _MEMBER.sub(rf"\1={MASK}", _USERINFO.sub(rf"\1:{MASK}@", text))
