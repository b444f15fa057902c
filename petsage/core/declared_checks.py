"""The section `checks` of a configuration: its own checks, and overrides of checks that belong to features."""

from collections.abc import Collection, Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from petsage.checks import BUILTIN_CHECKS, CheckSpec, CheckSpecError, Probe, Severity
from petsage.checks.kinds import Kind, KindError, KindModule, find_kinds, resolve_paths
from petsage.checks.spec import EXTERNAL_IN_LIVENESS
from petsage.core.container import CheckOverrides
from petsage.fields import LONGER_THAN_ZERO, Duration
from petsage.settings import ConfigDraft, suggest

_FROM_ONE = validate.Range(min=1, error="must be at least 1")


class ScheduleSchema(Schema):
    """Schema of the keys of a `CheckSpec`; it loads those that are given."""

    class Meta(Schema.Meta):
        unknown = RAISE

    probes = fields.List(
        fields.String(validate=validate.OneOf(list(Probe), error="must be one of {choices}")),
        validate=validate.Length(min=1, error="must not be empty"),
    )
    severity = fields.String(validate=validate.OneOf(list(Severity), error="must be one of {choices}"))
    interval = Duration(validate=LONGER_THAN_ZERO)
    down_interval = Duration(validate=LONGER_THAN_ZERO)
    timeout = Duration(validate=LONGER_THAN_ZERO)
    fall = fields.Integer(strict=True, validate=_FROM_ONE)
    rise = fields.Integer(strict=True, validate=_FROM_ONE)
    max_age = Duration(validate=LONGER_THAN_ZERO)
    enabled = fields.Boolean(truthy={True}, falsy={False})


SCHEDULE: Schema = ScheduleSchema()
KEYS: frozenset[str] = frozenset(SCHEDULE.fields)
Keys = dict[str, Any]


def declared_checks(draft: ConfigDraft, features: Collection[str]) -> tuple[tuple[CheckSpec, ...], CheckOverrides]:
    """Return the declared checks and the overrides; add every mistake in the section to the draft."""
    reader = _Reader(draft, features)
    specs = [spec for name in draft.names("checks") if (spec := reader.spec(name)) is not None]
    return tuple(specs), reader.overrides


class _Reader:
    """Reads the entries of the section."""

    def __init__(self, draft: ConfigDraft, features: Collection[str]) -> None:
        self.overrides: dict[str, Mapping[str, Any]] = {}
        self._draft = draft
        self._features = features
        self._kinds = find_kinds()

    def spec(self, name: str) -> CheckSpec | None:
        """Return the check of an entry, or None for an override, which is an entry without `kind`."""
        entry = self._draft.raw(("checks", name))
        if entry is None:
            entry = {}
        if not isinstance(entry, Mapping):
            return None
        if "kind" not in entry:
            self._override(name, empty=not entry)
            return None
        module = self._module(name, entry["kind"])
        return None if module is None or not self._is_free(name) else self._made(name, entry, module)

    def _made(self, name: str, entry: Mapping[str, Any], module: KindModule) -> CheckSpec | None:
        path = ("checks", name)
        check = self._draft.load(path, module.schema, without=KEYS | {"kind"})
        keys = self._draft.load(path, SCHEDULE, without=set(entry) - KEYS)
        if check is None or keys is None:
            return None
        if module.external and Probe.LIVE in keys.get("probes", ()):
            self._draft.add_mistake((*path, "probes"), f"a check of kind '{entry['kind']}' {EXTERNAL_IN_LIVENESS}")
            return None
        try:
            return CheckSpec(
                name,
                resolve_paths(check, self._draft.settings.base),
                **keys,
                origin=f"checks.{name}",
                external=module.external,
                component_type=getattr(module, "component_type", None),
            )
        except CheckSpecError as error:
            self._draft.add_mistake(path, "; ".join(error.mistakes))
            return None

    def _module(self, name: str, kind: object) -> KindModule | None:
        known: Kind | None = self._kinds.get(kind) if isinstance(kind, str) else None
        path = ("checks", name, "kind")
        if known is None:
            hint = suggest(str(kind), list(self._kinds)) or f" (the kinds are {', '.join(self._kinds)})"
            self._draft.add_mistake(path, f"unknown kind{hint}")
            return None
        try:
            return known.load()
        except KindError as error:
            self._draft.add_mistake(path, str(error))
            return None

    def _is_free(self, name: str) -> bool:
        feature, dot, _ = name.partition(".")
        if name in BUILTIN_CHECKS:
            self._draft.add_mistake(("checks", name), "a built-in check has this name: choose another")
        elif dot and feature in self._features:
            hint = f"names that begin with '{feature}.' belong to the feature: choose another, or omit kind to override"
            self._draft.add_mistake(("checks", name), hint)
        else:
            return True
        return False

    def _override(self, name: str, *, empty: bool) -> None:
        feature, dot, _ = name.partition(".")
        if not dot:
            self._draft.add_mistake(("checks", name), f"kind is missing (one of {', '.join(self._kinds)})")
        elif feature not in self._features:
            self._draft.add_mistake(("checks", name), f"no such feature{suggest(feature, list(self._features))}")
        elif empty:
            names = ", ".join(sorted(KEYS))
            self._draft.add_mistake(("checks", name), f"is empty: it overrides nothing (the keys are {names})")
        elif (keys := self._draft.load(("checks", name), SCHEDULE)) is not None:
            self.overrides[name] = keys
