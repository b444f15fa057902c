"""Format that an `Accept` header prefers (RFC 9110, section 12.5.1)."""

import re
from functools import lru_cache

from petsage.probes.renderers import find_renderers

_MAX_LENGTH = 1024
"""Characters of the header that are read: no browser sends half as many."""

_QUALITY = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE | re.ASCII)


def preferred_format(accept: str) -> str:
    """Return the format that the header prefers: by quality, then by how precisely it is named, then the default.

    Malformed and unknown parts are ignored, and so is everything after the first 1,024 characters. An `Accept` that
    cannot be satisfied gets the default: a probe must not fail because of its headers.
    """
    if len(accept) > _MAX_LENGTH:
        whole, comma, part = accept[:_MAX_LENGTH].rpartition(",")
        accept = whole if comma else part
    return _preferred(accept)


@lru_cache(maxsize=64)
def _preferred(accept: str) -> str:
    qualities = _qualities(accept)
    renderers = find_renderers()
    best, found = (0.0, -3), next(iter(renderers))
    for name, renderer in renderers.items():
        ranges = _media_ranges(renderer.media_type)
        place = next((place for place, one in enumerate(ranges) if one in qualities), None)
        if place is not None and qualities[ranges[place]] > 0 and (qualities[ranges[place]], -place) > best:
            best, found = (qualities[ranges[place]], -place), name
    return found


def _media_ranges(media_type: str) -> tuple[str, str, str]:
    """Return the media ranges in `Accept` that match a media type, the most precise first."""
    return media_type, f"{media_type.partition('/')[0]}/*", "*/*"


def _qualities(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = part.split(";")
        qualities = [match.group(1) for one in parameters if (match := _QUALITY.fullmatch(one))]
        found[name.strip().lower()] = float(qualities[0]) if qualities else 1.0
    return found
