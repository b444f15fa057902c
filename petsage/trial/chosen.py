"""Which checks are tried."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from petsage.checks import CheckSpec, Monitor
from petsage.settings import suggest


class UnknownCheck(LookupError):  # noqa: N818 (says what it is)
    """A name was chosen, or left out, that no check has; the text names all such, and what is near."""

    def __init__(self, unknown: Iterable[str], known: Collection[str]) -> None:
        super().__init__("; ".join(f"no check is named '{name}'{suggest(name, known)}" for name in unknown))


@dataclass(frozen=True)
class Selection:
    """The names to try, None for all, less those to leave out."""

    only: Collection[str] | None = None
    exclude: Collection[str] = ()

    def __contains__(self, name: object) -> bool:
        return (self.only is None or name in self.only) and name not in self.exclude

    def refuse_unknown(self, known: Collection[str], unknowable: Collection[str]) -> None:
        """Raise `UnknownCheck`, unless the name may be that of a feature whose checks are not known."""
        named = dict.fromkeys([*(self.only or ()), *self.exclude])
        unknown = [name for name in named if name not in known and name.partition(".")[0] not in unknowable]
        if unknown:
            raise UnknownCheck(unknown, known)


class ChosenMonitor(Monitor):
    """Runs the chosen checks only; `known` are the names of all, `chosen` of those that it runs."""

    def __init__(self, specs: Iterable[CheckSpec], selection: Selection) -> None:
        self.known: list[str] = []
        self.chosen: list[str] = []
        self._selection = selection
        super().__init__(specs)

    def add(self, spec: CheckSpec) -> None:
        """Take a check in; one that is not chosen only takes its name."""
        chosen = spec.enabled and spec.name in self._selection
        super().add(spec if chosen else replace(spec, enabled=False))
        if spec.enabled:
            self.known.append(spec.name)
        if chosen:
            self.chosen.append(spec.name)
