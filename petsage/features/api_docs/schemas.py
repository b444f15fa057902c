"""Schema of the API document: the members that every OpenAPI document has."""

from marshmallow import INCLUDE, Schema, fields


class ApiDocumentSchema(Schema):
    """An OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.0)."""

    class Meta(Schema.Meta):
        unknown = INCLUDE

    openapi = fields.String(required=True, metadata={"description": "Version of the format", "example": "3.1.0"})
    info = fields.Dict(required=True, metadata={"description": "Title and version", "example": {"title": "PetSage"}})
    paths = fields.Dict(required=True, metadata={"description": "What is served, by path", "example": {}})
