"""Core: the container of the objects that features share. It depends on no feature.

An instance of a declarative container is a `DynamicContainer`: it has these providers, and no methods.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dependency_injector import containers, providers

from petsage.checks import CheckSpec, Monitor
from petsage.core.identity import Identity
from petsage.core.inventory import Inventory
from petsage.core.lifecycle import Lifecycle
from petsage.settings import Settings

CheckOverrides = Mapping[str, Mapping[str, Any]]
"""By the name of a check, the keys of its `CheckSpec` that the configuration changes."""


class Core(containers.DeclarativeContainer):
    """Container of one application: `Core(settings=Settings())`.

    `declared_checks` are the checks that the configuration declares, and `check_overrides` are its overrides of checks
    that belong to features.
    """

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    declared_checks: providers.Object[tuple[CheckSpec, ...]] = providers.Object(())
    check_overrides: providers.Object[CheckOverrides] = providers.Object(MappingProxyType({}))
    monitor = providers.Singleton(Monitor, declared_checks)
    inventory = providers.Singleton(Inventory)
    lifecycle = providers.Singleton(Lifecycle)
    identity = providers.Singleton(Identity)
