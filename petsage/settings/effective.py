"""The effective configuration, with defaults filled in and secrets masked: the output of `config show`."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, fields

from petsage.fields import SecretText
from petsage.redaction import MASK, masked_value
from petsage.settings import schemas
from petsage.settings.draft import ConfigDraft
from petsage.settings.errors import KeyPath
from petsage.settings.schemas import FEATURE_KEYS, FeatureSettings, Settings
from petsage.settings.validation import Owner, owner_below


def secret_paths(owner: Owner, value: Any, path: KeyPath) -> Iterator[KeyPath]:
    """Yield the paths of secret values in `value`, which is at `path` and loaded by the schema or field `owner`.

    A text that is secret only in parts, such as a URL, is not among them.
    """
    if isinstance(owner, fields.Pluck):
        owner = owner.schema.load_fields.get(owner.field_name)
    if isinstance(owner, SecretText):
        if not isinstance(value, str) or owner.secret_parts(value) is None:
            yield path
        return
    for key, member, below in _members(owner, value):
        yield from secret_paths(below, member, (*path, key))


def _members(owner: Owner, value: Any) -> Iterator[tuple[str | int, Any, Owner]]:
    """Yield the members of a value, each with its key and what loads it."""
    if isinstance(value, list):
        yield from ((index, member, owner_below(owner, index)) for index, member in enumerate(value))
    elif isinstance(value, Mapping):
        yield from ((str(key), member, owner_below(owner, str(key))) for key, member in value.items())


def effective(
    settings: Settings,
    own_schemas: Mapping[str, Schema | None],
    draft: ConfigDraft,
    check_schemas: Mapping[str, Schema] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return every key of PetSage's own sections and of the features, as plain values without secrets.

    `own_schemas` has the schema of each imported feature, or None for one without; it dumps the feature's own keys.
    `check_schemas` has the schema of each check's kind by the check's name; it decides what in a check is secret. Of a
    feature that is not in `own_schemas`, because it could not be imported, all texts and numbers are masked.
    """
    names = dict.fromkeys((*own_schemas, *settings.features))
    features = {
        name: _feature(name, settings.feature(name), own_schemas.get(name), draft, unknown=name not in own_schemas)
        for name in names
    }
    values = {
        "server": schemas.SERVER.dump(settings.server),
        "log": schemas.LOG.dump(settings.log),
        "feature_paths": [str(path) for path in settings.feature_paths],
        "features": features,
        "checks": draft.raw(("checks",)) or {},
    }
    secrets = {*draft.secrets}
    for section, by_name in (("features", own_schemas), ("checks", check_schemas)):
        for name, schema in by_name.items():
            secrets.update(secret_paths(schema, draft.raw((section, name)), (section, name)))
    shown: dict[str, Any] = masked_value(values, secrets)
    return shown


def _feature(
    name: str, settings: FeatureSettings, schema: Schema | None, draft: ConfigDraft, *, unknown: bool
) -> dict[str, Any]:
    section = draft.raw(("features", name)) or {}
    own = {key: value for key, value in section.items() if key not in FEATURE_KEYS}
    if unknown:
        own = _masked(own)
    if schema is not None and settings.own is not None:
        own |= _dumped(schema, settings.own, own)
    return {**schemas.FEATURE.dump(settings), **own}


def _masked(value: Any) -> Any:
    """Return a section with masks in place of its texts and numbers."""
    if isinstance(value, dict):
        return {key: _masked(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_masked(member) for member in value]
    return value if value is None or isinstance(value, bool) else MASK


def _dumped(schema: Schema, own: Any, section: Mapping[str, Any]) -> dict[str, Any]:
    load_only = {field.data_key or name: MASK for name, field in schema.load_fields.items() if field.load_only}
    try:
        dumped: dict[str, Any] = schema.dump(own)
    except Exception:  # noqa: BLE001 (a feature's schema may raise anything; what it cannot dump is masked)
        return dict.fromkeys(section, MASK)
    return dumped | load_only
