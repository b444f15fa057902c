"""Settings of the feature: its section of `config.yml`."""

import re
from dataclasses import dataclass
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from petsage.fields import LONGER_THAN_ZERO, Duration, SecretText
from petsage.redaction.secret import Secret

TOKEN, ALWAYS = "token", "always"
MIN_TOKEN_LENGTH = 16
DEADLINE = 0.8
DEFAULT_FRESH_FLOOR = 0.0
_SENDABLE = re.compile(r"[!-~]*", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class HealthSettings:
    """Settings of the probes.

    Details are for clients that send `token`, or with `details` `always` for all. `deadline` is how many seconds a
    request waits for fresh results; their runs began after the request came, or at most `fresh_floor` seconds before.
    """

    token: Secret | None = None
    details: str = TOKEN
    deadline: float = DEADLINE
    fresh_floor: float = DEFAULT_FRESH_FLOOR


def _check_token(token: Secret) -> None:
    text = token.reveal()
    if not text:
        return  # an environment variable that is not set: no token
    if len(text) < MIN_TOKEN_LENGTH:
        raise ValidationError(f"a token has at least {MIN_TOKEN_LENGTH} characters; leave it out to have none")
    if not _SENDABLE.fullmatch(text):
        raise ValidationError("a token is printable ASCII without spaces, because it is sent in a header")


class HealthSettingsSchema(Schema):
    """Schema of `features.health`."""

    class Meta(Schema.Meta):
        unknown = RAISE

    token = SecretText(allow_none=True, validate=_check_token)
    details = fields.String(validate=validate.OneOf((TOKEN, ALWAYS), error="must be one of {choices}"))
    deadline = Duration(validate=LONGER_THAN_ZERO)
    fresh_floor = Duration()

    @post_load
    def settings(self, data: dict[str, Any], **_: Any) -> HealthSettings:
        """Return the settings; an empty token becomes None."""
        token = data.pop("token", None)
        return HealthSettings(token=token if token is not None and token.reveal() else None, **data)
