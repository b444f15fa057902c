"""`http`: a request whose answer is as expected; redirects are answers, and are not followed."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from petsage.checks.kinds._schema import FilePath, KindSchema, Text, Url
from petsage.checks.kinds.http.check import Http
from petsage.checks.kinds.http.status import StatusCodes
from petsage.fields import Duration, SecretText
from petsage.secret import Secret

__all__ = ["Http", "HttpSchema", "leaves_process", "schema"]

leaves_process = True


def _is_one_line(value: Secret) -> None:
    if not value.reveal().isprintable():
        raise ValidationError("must be one line of printable characters")


class HttpSchema(KindSchema):
    """Settings of `http`; the values of headers are secrets, since one of them may be `Authorization`."""

    makes = Http

    url = Url(("http", "https"), required=True)
    method = fields.String(validate=validate.Regexp(r"[A-Z]+\Z", error="not a method (write it like GET or POST)"))
    headers = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z", error="not a header's name")),
        values=SecretText(validate=_is_one_line),
    )
    body = fields.String()
    status = StatusCodes()
    contains = Text()
    json = fields.Dict(keys=Text(), values=fields.Raw(allow_none=True))
    warn_above = Duration()
    verify = fields.Boolean(truthy={True}, falsy={False})
    ca_file = FilePath()

    @validates_schema
    def verified_by_something(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a file of authorities that nothing is verified with."""
        if "ca_file" in data and not data.get("verify", True):
            raise ValidationError("not beside verify: false, which asks no authority", "ca_file")


schema = HttpSchema()
