"""Secret texts, and which file they come from."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from petsage.redaction.known_secrets import KNOWN

MASK = "********"


@dataclass(frozen=True)
class Secret:
    """A text that only `reveal()` returns; `repr` and `str` are a mask.

    While a `Secret` exists, its value is masked in log lines and reasons. `parts` are the secret parts of the text,
    such as the password of a URL; None means all of it.
    """

    _text: str = field(repr=False)
    parts: tuple[str, ...] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        from_files = [text for text in _file_texts.get() if text and text in self._text]
        parts = (self._text,) if self.parts is None else self.parts
        KNOWN.add(self, (*parts, *from_files))

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Secret":
        return self


_file_texts: ContextVar[tuple[str, ...]] = ContextVar("petsage_file_texts", default=())


@contextmanager
def filled_from_files(texts: Iterable[str]) -> Iterator[None]:
    """Within this context, a new `Secret` that contains one of these texts of files also masks that text alone."""
    token = _file_texts.set(tuple(texts))
    try:
        yield
    finally:
        _file_texts.reset(token)
