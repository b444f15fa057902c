"""Which dialect an `Accept` header asks for (RFC 9110, section 12.5.1)."""

import re
from functools import lru_cache

from petsage.probes.report import Format

_TYPES = {
    Format.JSON: ("application/json", "application/*", "*/*"),
    Format.TEXT: ("text/plain", "text/*", "*/*"),
    Format.HEALTH_JSON: ("application/health+json", "application/*", "*/*"),
}
_LONGEST = 1024
"""Characters of the header that are looked at: no browser sends half as many."""

_QUALITY = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE | re.ASCII)


def preferred(accept: str) -> Format:
    """Return the dialect that the header prefers: by quality, then by how precisely it is named, then the default.

    What is malformed or unknown is passed over, and so is what comes after the first 1,024 characters. A header that
    allows nothing of ours gets the default: a probe must not fail on taste.
    """
    if len(accept) > _LONGEST:
        whole, comma, part = accept[:_LONGEST].rpartition(",")
        accept = whole if comma else part
    return _preferred(accept)


@lru_cache(maxsize=64)
def _preferred(accept: str) -> Format:
    wanted = _qualities(accept)
    best, found = (0.0, -3), Format.JSON
    for one, names in _TYPES.items():
        place = next((place for place, name in enumerate(names) if name in wanted), None)
        if place is not None and wanted[names[place]] > 0 and (wanted[names[place]], -place) > best:
            best, found = (wanted[names[place]], -place), one
    return found


def _qualities(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = part.split(";")
        qualities = [match.group(1) for one in parameters if (match := _QUALITY.fullmatch(one))]
        found[name.strip().lower()] = float(qualities[0]) if qualities else 1.0
    return found
