"""What keeps the builder from building, told to whoever asked for it."""

from collections.abc import Iterable


class RequestInvalid(Exception):  # noqa: N818 (a public word: the request is invalid)
    """A request cannot be built; its text is one line a mistake."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class BuildFailed(Exception):  # noqa: N818 (a public word: the build failed)
    """A feature was not built, and nothing of it is left; the text says why, and the way out."""
