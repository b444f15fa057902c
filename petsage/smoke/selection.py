"""Selection of checks by name, and the names of all checks."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from petsage import PetSageError
from petsage.bootstrap import Loaded
from petsage.checks import FEATURES, CheckSpec
from petsage.runtime.feature_checks import unused_overrides
from petsage.runtime.instance import FeatureInstance
from petsage.settings import suggest
from petsage.untrusted import is_raised_by_signal


class UnknownSelectionError(PetSageError, LookupError):
    """Names that no check has were selected or excluded; the text lists them all, with similar names."""

    def __init__(self, unknown: Iterable[str], known: Collection[str], disabled: Collection[str] = ()) -> None:
        super().__init__("; ".join(_describe(name, known, disabled) for name in unknown))


def _describe(name: str, known: Collection[str], disabled: Collection[str]) -> str:
    off = next((one for one in (name, name.partition(".")[0]) if one in disabled), None)
    hint = suggest(name, known) if off is None else f": '{off}' is disabled"
    return f"no check is named '{name}'{hint}"


@dataclass(frozen=True)
class Selection:
    """The names of the checks to run, None for all, without the excluded ones."""

    only: Collection[str] | None = None
    exclude: Collection[str] = ()

    def __contains__(self, name: object) -> bool:
        return (self.only is None or name in self.only) and name not in self.exclude

    def unknown(self, known: Collection[str], unknowable: Collection[str]) -> list[str]:
        """Return the names that no check has; those of features whose checks are not known are left out."""
        named = dict.fromkeys([*(self.only or ()), *self.exclude])
        return [name for name in named if name not in known and name.partition(".")[0] not in unknowable]

    def named(self) -> list[str]:
        """Return the names that were selected one by one."""
        return [name for name in dict.fromkeys(self.only or ()) if name in self]


class SelectedChecks:
    """Filter of a monitor that runs the selected checks only, and record of all that were added to it.

    A check is kept in the record when it is removed from the monitor: `enabled` has the names of all checks, `run` of
    those that are selected, `disabled` of those that the configuration disables.
    """

    def __init__(self, selection: Selection) -> None:
        self.enabled: list[str] = []
        self.run: list[str] = []
        self.disabled: list[str] = []
        self._selection = selection

    def __call__(self, spec: CheckSpec) -> bool:
        """Return whether to run a check that is being added."""
        selected = spec.name in self._selection
        (self.enabled if spec.enabled else self.disabled).append(spec.name)
        if spec.enabled and selected:
            self.run.append(spec.name)
        return selected


def check_names(loaded: Loaded) -> tuple[str, ...]:
    """Return `features`, and the names of the configuration's checks and of those of its features.

    Overrides of checks that no feature has are among them, because a smoke test reports them as mistakes.
    """
    own, of_features = loaded.core.declared_checks(), _checks_of_features(loaded)
    specs = [*own, *(spec for of_feature in of_features.values() for spec in of_feature)]
    idle = [
        name
        for feature, of_feature in of_features.items()
        for name in unused_overrides(feature, [spec.name for spec in of_feature], loaded.core.check_overrides())
    ]
    return (FEATURES, *(spec.name for spec in specs if spec.enabled), *idle)


def check_specs(loaded: Loaded) -> Iterator[CheckSpec]:
    """Yield the checks of each feature whose setup succeeds."""
    for specs in _checks_of_features(loaded).values():
        yield from specs


def _checks_of_features(loaded: Loaded) -> Mapping[str, Sequence[CheckSpec]]:
    """Return the checks of each feature whose setup succeeds, by its name."""
    instances = [FeatureInstance(feature, loaded.core) for feature in loaded.features]
    found = {instance.name: _checks_of(instance) for instance in instances if instance.usable}
    return {name: specs for name, specs in found.items() if specs is not None}


def _checks_of(instance: FeatureInstance) -> Sequence[CheckSpec] | None:
    try:
        return instance.set_up().checks
    except BaseException as error:  # the check `features` reports it
        if is_raised_by_signal(error):
            raise
        return None
