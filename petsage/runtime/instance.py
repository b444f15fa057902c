"""A feature's checks under its name, tuned by the configuration."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from petsage.checks import CheckSpec
from petsage.core.container import CheckOverrides, Core
from petsage.core.inventory import Entry, Inventory, Quarantine, State, Step
from petsage.feature import Contribution, FeatureFailed, checked
from petsage.logs import get_logger
from petsage.redaction import masked
from petsage.runtime.lifespan import FeatureDownError
from petsage.runtime.loader import Feature
from petsage.settings import suggest
from petsage.text import new_ref, printable


def named_checks(
    feature: str, origin: str, specs: Sequence[CheckSpec], tunings: CheckOverrides
) -> tuple[CheckSpec, ...]:
    """Return a feature's checks as `FEATURE.NAME`, tuned; raise `FeatureFailed` for a name that is there twice."""
    named = {f"{feature}.{spec.name}": spec for spec in specs}
    if len(named) < len(specs):
        names = [spec.name for spec in specs]
        twice = dict.fromkeys(name for name in names if names.count(name) > 1)
        raise FeatureFailed(f"it brings two checks named {', '.join(twice)}")
    return tuple(replace(spec, name=name, origin=origin, **tunings.get(name, {})) for name, spec in named.items())


def unused_overrides(feature: str, known: Collection[str], tunings: CheckOverrides) -> Mapping[str, str]:
    """Return the tunings of checks that a feature does not bring: by their names, what is wrong with each.

    `known` are the full names of the checks that it brings.
    """
    own = [name for name in known if name.startswith(f"{feature}.")]
    return {
        name: f"checks.{name} tunes a check that {feature} does not bring{suggest(name, own)}"
        for name in tunings
        if name.startswith(f"{feature}.") and name not in own
    }


logger = get_logger(__name__)
_LONGEST_REASON = 500


class FeatureInstance:
    """Knows one feature and says in the inventory how it stands."""

    def __init__(self, feature: Feature, core: Core) -> None:
        self.name = feature.name
        self.quarantine: Quarantine | None = None
        self._feature = feature
        self._core = core
        self._inventory: Inventory = core.inventory()
        self._register()

    @property
    def due(self) -> bool:
        """Say whether the feature is to be served: enabled, and nothing wrong with it so far."""
        return self._feature.enabled and self.quarantine is None

    def set_up(self) -> Contribution:
        """Call the feature's `setup`, and name its checks `FEATURE.NAME`; what it raises passes through.

        A tuning of a check that it does not bring is logged, and does the feature no harm.
        """
        contribution = checked(self._contribution())
        tunings = self._core.tunings()
        checks = named_checks(self.name, self._feature.origin, contribution.checks, tunings)
        for told in unused_overrides(self.name, [spec.name for spec in checks], tunings).values():
            logger.warning("%s: nothing is tuned by it", told)
        return replace(contribution, checks=checks)

    def mounted(self) -> None:
        """Note that the feature is served."""
        self._inventory.mounted(self.name, self._feature.origin)

    def put_into_quarantine(self, down: FeatureDownError) -> None:
        """Take the feature out of service: named, reported under a ref, with the whole of it in the log."""
        reason, ref = _public_reason(down.cause), new_ref()
        self.quarantine = Quarantine(down.step, reason, ref)
        self._inventory.quarantined(self.name, self._feature.origin, self.quarantine)
        place = f"feature {self.name} ({self._feature.origin})"
        logger.error("%s is in quarantine: %s: %s [ref %s]", place, down.step, reason, ref, exc_info=down.cause)

    def _contribution(self) -> object:
        setup: Callable[..., object] = self._feature.setup or _nothing
        schema = self._feature.schema
        if schema is None:
            return setup(self._core)
        own = self._core.settings().feature(self.name).own
        return setup(self._core, schema.load({}) if own is None else own)

    def _register(self) -> None:
        feature = self._feature
        required = self._core.settings().feature(self.name).required
        state = State.FOUND if feature.enabled else State.DISABLED
        self._inventory.add(Entry(self.name, feature.origin, feature.summary, required=required, state=state))
        if feature.error is not None:
            self.put_into_quarantine(FeatureDownError(Step.IMPORT, feature.error))


def _public_reason(error: BaseException) -> str:
    """Return the text of a `FeatureFailed`; of anything else, or where it has none, only the class is public."""
    told = " ".join(masked(str(error), _LONGEST_REASON).split()) if isinstance(error, FeatureFailed) else ""
    return printable(told or type(error).__name__, _LONGEST_REASON)


def _nothing(*_: object) -> Contribution:
    return Contribution()
