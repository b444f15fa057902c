"""Markdown tables, and numbers formatted for people."""

from collections.abc import Sequence
from math import floor, log10

_DIGITS = 3


def amount(number: float) -> str:
    """Return a number with three significant digits: 0.0123, 1.23, 12.3, 1,230; an integer below 1,000 as it is."""
    if number == 0 or (number < 10**_DIGITS and number == int(number)):
        return str(int(number))
    rounded = float(f"{number:.{_DIGITS}g}")
    return f"{rounded:,.{max(0, _DIGITS - 1 - floor(log10(abs(rounded))))}f}"


def times(ratio: float) -> str:
    """Return a ratio with two decimals; from 10 on with three significant digits."""
    return f"{ratio:.2f}" if ratio < 10 else amount(ratio)  # noqa: PLR2004 (where two decimals are more than three digits)


def table(columns: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; `columns` holds an `l` or an `r` for each, as it is aligned."""
    rule = ["---" if column == "l" else "---:" for column in columns]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, rule, *rows))


def picture(folder: str, name: str, alt: str) -> str:
    """Return a picture that has a light and a dark version."""
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{folder}/{name}-dark.svg">'
    return f'<picture>{dark}<img src="{folder}/{name}-light.svg" alt="{alt}" align="top"></picture>'


def replaced(text: str, mark: str, content: str) -> str:
    """Return a text with new content between `<!-- mark -->` and `<!-- /mark -->`; raise ValueError without them."""
    begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
    if begin not in text or end not in text.split(begin, 1)[1]:
        raise ValueError(f"{begin.strip()} and {end} are to stand in the text")
    before, rest = text.split(begin, 1)
    return f"{before}{begin}{content.strip()}\n{end}{rest.split(end, 1)[1]}"
