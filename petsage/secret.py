"""A text that must not be shown."""

from dataclasses import dataclass, field

MASK = "********"


@dataclass(frozen=True)
class Secret:
    """A text whose `repr` and `str` are a mask; `reveal()` is the only way to it."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK
