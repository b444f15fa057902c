"""Redaction: which texts are secret, and how they are masked."""

from petsage.redaction.masking import MAX_REASON, MAX_TEXT, masked, masked_ends, masked_line, masked_value, public_text
from petsage.redaction.patterns import is_secret_name, secret_parts
from petsage.redaction.secret import MASK, Secret, filled_from_files

__all__ = [
    "MASK",
    "MAX_REASON",
    "MAX_TEXT",
    "Secret",
    "filled_from_files",
    "is_secret_name",
    "masked",
    "masked_ends",
    "masked_line",
    "masked_value",
    "public_text",
    "secret_parts",
]
