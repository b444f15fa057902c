"""What a reason must not show, in texts of a peer or of a program that were told it."""

from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from petsage.redaction.secret import MASK
from petsage.text import MAX_CHARACTERS, first_line

MOST_LOOKED_AT = 4096
"""Characters of a text from a peer; what comes after them is not shown."""

_TELLING = 4


class Hidden:
    """Secrets of which no part is shown: four characters in a row are masked, wherever they stand.

    Parts are looked for because servers repeat what they are told cut, quoted or encoded. Of a secret that is shorter,
    the whole text becomes a mask. Texts of `whole` are masked as a whole only: values that may be secrets, or words.
    """

    def __init__(self, *secrets: str | None, whole: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret[:MOST_LOOKED_AT])}
        self._short = {form for form in forms if len(form) < _TELLING}
        self._parts = {form[at : at + _TELLING] for form in forms for at in range(len(form) - _TELLING + 1)}
        self._whole = sorted((text for text in whole if len(text) >= _TELLING), key=len, reverse=True)

    def line(self, text: str | bytes, most: int = MAX_CHARACTERS) -> str:
        """Return the first line that is not blank, masked, printable and cut at `most` characters."""
        text = text[:MOST_LOOKED_AT]
        return first_line(self._masked(text.decode(errors="replace") if isinstance(text, bytes) else text), most)

    def _masked(self, text: str) -> str:
        if any(form in text for form in self._short):
            return MASK
        for secret in self._whole:
            text = text.replace(secret, MASK)
        return self._without_parts(text) if self._parts else text

    def _without_parts(self, text: str) -> str:
        shown, hidden_to = [], 0
        for at, character in enumerate(text):
            if text[at : at + _TELLING] in self._parts:
                if at >= hidden_to:
                    shown.append(MASK)
                hidden_to = at + _TELLING
            elif at >= hidden_to:
                shown.append(character)
        return "".join(shown)


def _forms(secret: str) -> set[str]:
    encoded = secret.encode(errors="replace")
    return {secret, quote(secret, safe="", errors="replace"), quote_plus(secret), b64encode(encoded).decode()}
