"""Passwords in texts that others wrote: what is raised often holds the URL that it was about."""

import re

from petsage.secret import MASK

_USERINFO = r"(\b[a-z][a-z0-9+.-]*://[^\s:/@'\"]*):[^\s'\"]*@"
_MEMBER = r"\b(password|passwd|pwd)=[^\s&;'\"]+"


def masked(text: str) -> str:
    """Return `text` without the passwords that stand in its URLs and connection strings."""
    if "@" in text:
        text = re.sub(_USERINFO, rf"\1:{MASK}@", text, flags=re.IGNORECASE)
    if "=" in text:
        text = re.sub(_MEMBER, rf"\1={MASK}", text, flags=re.IGNORECASE)
    return text
