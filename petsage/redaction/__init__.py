"""Redaction: which texts are secret, and how they are masked."""

from petsage.redaction.masking import MAX_TEXT, masked, masked_ends, masked_line, masked_value
from petsage.redaction.patterns import is_secret_name, secret_parts
from petsage.redaction.secret import MASK, Secret, filled_from_files

__all__ = [
    "MASK",
    "MAX_TEXT",
    "Secret",
    "filled_from_files",
    "is_secret_name",
    "masked",
    "masked_ends",
    "masked_line",
    "masked_value",
    "secret_parts",
]
