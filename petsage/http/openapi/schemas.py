"""JSON Schemas of marshmallow schemas, by apispec with corrections; imported on demand."""

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin, resolver
from apispec.ext.marshmallow.common import resolve_schema_instance
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import INCLUDE, RAISE, Schema, fields

from petsage.fields import Duration, Size


class Converter(OpenAPIConverter):
    """Converter that forbids additional properties where the schema does, and knows PetSage's own fields."""

    field_mapping: dict[Any, Any] = {  # noqa: RUF012 (apispec's own attribute)
        **OpenAPIConverter.field_mapping,
        Duration: ("string", None),
        Size: ("string", None),
    }

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        """Return the JSON Schema of a marshmallow schema."""
        document: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call] # apispec is half typed
        document.pop("additionalProperties", None)
        unknown = resolve_schema_instance(schema).unknown
        if unknown in (RAISE, INCLUDE):
            document["additionalProperties"] = unknown == INCLUDE
        return document


class Plugin(MarshmallowPlugin):
    """Plugin that names schemas after their classes; further schemas of one name get a number."""

    Converter = Converter

    def __init__(self) -> None:
        super().__init__(schema_name_resolver=self.name_of)
        self._names: set[str] = set()

    def name_of(self, schema: Any) -> str:
        """Return a unique name for a schema."""
        name = wanted = str(resolver(schema))
        count = 1
        while name in self._names:
            count += 1
            name = f"{wanted}{count}"
        self._names.add(name)
        return name


def example_of(schema: Schema, *, incoming: bool, outer: tuple[type[Schema], ...] = ()) -> Any:
    """Return an example made of the examples of the fields, or None if a required member has none."""
    if type(schema) in outer:
        return None
    members: dict[str, Any] = {}
    for name, field in (schema.load_fields if incoming else schema.dump_fields).items():
        value = _example_of_field(field, incoming=incoming, outer=(*outer, type(schema)))
        if value is not None:
            members[field.data_key or name] = value
        elif field.required:
            return None
    if not members:
        return None
    return [members] if schema.many else members


def _example_of_field(field: fields.Field[Any], *, incoming: bool, outer: tuple[type[Schema], ...]) -> Any:
    if "example" in field.metadata:
        return field.metadata["example"]
    if isinstance(field, fields.Nested) and not isinstance(field, fields.Pluck):
        return example_of(field.schema, incoming=incoming, outer=outer)
    if isinstance(field, fields.List):
        inner = _example_of_field(field.inner, incoming=incoming, outer=outer)
        return None if inner is None else [inner]
    return None
