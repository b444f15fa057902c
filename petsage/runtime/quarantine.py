"""Quarantine of a feature that has failed: the record, the log line, and the response of its routes."""

from petsage.core.inventory import Quarantine
from petsage.feature import FeatureFailed
from petsage.http import ProblemError
from petsage.logs import get_logger
from petsage.redaction import public_text
from petsage.runtime.lifespan import FeatureDownError
from petsage.text import new_ref
from petsage.untrusted import class_name, is_a, text_of

logger = get_logger(__name__)


def log_quarantine(feature: str, origin: str, down: FeatureDownError) -> Quarantine:
    """Log a failure with its traceback, and return its step, public reason and ref."""
    reason, ref = _public_reason(down.cause), new_ref()
    place = f"feature {feature} ({origin})"
    logger.error("%s is in quarantine: %s: %s [ref %s]", place, down.step, reason, ref, exc_info=down.cause)
    return Quarantine(down.step, reason, ref)


def unavailable_problem(feature: str, quarantine: Quarantine) -> ProblemError:
    """Return the 503 for a request to a feature in quarantine."""
    detail = f"the feature '{feature}' has stopped; the log has the reason under this ref"
    return ProblemError(503, detail, ref=quarantine.ref)


def _public_reason(error: BaseException) -> str:
    """Return the text of a `FeatureFailed`; of another error, or without a text, only the name of the class."""
    text = text_of(error) if is_a(error, FeatureFailed) else None
    return public_text(text or "") or class_name(error)
