"""Which checks there are, and which of them are run."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from petsage import PetSageError
from petsage.checks import CheckSpec, Monitor
from petsage.checks.interrupts import is_of_signal
from petsage.core.container import Core
from petsage.runtime.feature_checks import unused_overrides
from petsage.runtime.instance import FeatureInstance
from petsage.runtime.loader import Feature
from petsage.settings import suggest
from petsage.smoke.runner import FEATURES


class UnknownSelectionError(PetSageError, LookupError):
    """A name was chosen, or left out, that no check has; the text names all such, and what is near."""

    def __init__(self, unknown: Iterable[str], known: Collection[str], disabled: Collection[str] = ()) -> None:
        super().__init__("; ".join(_told(name, known, disabled) for name in unknown))


def _told(name: str, known: Collection[str], disabled: Collection[str]) -> str:
    off = next((one for one in (name, name.partition(".")[0]) if one in disabled), None)
    hint = suggest(name, known) if off is None else f": '{off}' is disabled"
    return f"no check is named '{name}'{hint}"


@dataclass(frozen=True)
class Selection:
    """The names to try, None for all, less those to leave out."""

    only: Collection[str] | None = None
    exclude: Collection[str] = ()

    def __contains__(self, name: object) -> bool:
        return (self.only is None or name in self.only) and name not in self.exclude

    def unknown(self, known: Collection[str], unknowable: Collection[str]) -> list[str]:
        """Return the names that no check has, unless it may be one of a feature whose checks are not known."""
        named = dict.fromkeys([*(self.only or ()), *self.exclude])
        return [name for name in named if name not in known and name.partition(".")[0] not in unknowable]

    def asked(self) -> list[str]:
        """Return the names that were asked for one by one."""
        return [name for name in dict.fromkeys(self.only or ()) if name in self]


class ChosenMonitor(Monitor):
    """Runs the chosen checks only.

    `known` are the names of all, `chosen` of those that it runs, `disabled` of those that the configuration leaves out.
    """

    def __init__(self, specs: Iterable[CheckSpec], selection: Selection) -> None:
        self.known: list[str] = []
        self.chosen: list[str] = []
        self.disabled: list[str] = []
        self._selection = selection
        super().__init__(specs)

    def add(self, spec: CheckSpec) -> None:
        """Take a check in; one that is not chosen only takes its name."""
        chosen = spec.enabled and spec.name in self._selection
        super().add(spec if chosen else replace(spec, enabled=False))
        (self.known if spec.enabled else self.disabled).append(spec.name)
        if chosen:
            self.chosen.append(spec.name)


def check_names(core: Core) -> tuple[str, ...]:
    """Return `features`, and the names of the configuration's checks and of those of its features.

    The tunings of checks that no feature brings are among them: they are mistakes for a trial to find.
    """
    own, brought = cast(Sequence[CheckSpec], core.specs()), _brought(core)
    specs = [*own, *(spec for of_feature in brought.values() for spec in of_feature)]
    idle = [
        name
        for feature, of_feature in brought.items()
        for name in unused_overrides(feature, [spec.name for spec in of_feature], core.tunings())
    ]
    return (FEATURES, *(spec.name for spec in specs if spec.enabled), *idle)


def check_specs(core: Core) -> Iterator[CheckSpec]:
    """Yield the checks of each feature that can be set up; what the others bring is not known."""
    for specs in _brought(core).values():
        yield from specs


def _brought(core: Core) -> Mapping[str, Sequence[CheckSpec]]:
    """Return the checks of each feature that can be set up, by its name."""
    instances = [FeatureInstance(feature, core) for feature in cast(Sequence[Feature], core.features())]
    brought = {instance.name: _of_feature(instance) for instance in instances if instance.usable}
    return {name: specs for name, specs in brought.items() if specs is not None}


def _of_feature(instance: FeatureInstance) -> Sequence[CheckSpec] | None:
    try:
        return instance.set_up().checks
    except BaseException as error:  # the check `features` reports it
        if is_of_signal(error):
            raise
        return None
