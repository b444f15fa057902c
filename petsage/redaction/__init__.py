"""What is secret, and how it is masked."""

from petsage.redaction.masking import MAX_TEXT, is_secret_name, masked, masked_ends, masked_value, secret_parts
from petsage.redaction.secret import MASK, Secret, filled_from_files

__all__ = [
    "MASK",
    "MAX_TEXT",
    "Secret",
    "filled_from_files",
    "is_secret_name",
    "masked",
    "masked_ends",
    "masked_value",
    "secret_parts",
]
