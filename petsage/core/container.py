"""Core: providers of what features may share; it knows no feature.

An instance of a declarative container is a `DynamicContainer`: it has these providers and nothing else, no methods.
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
"""By the name of a check, the keys of its `CheckSpec` that are changed."""


class Core(containers.DeclarativeContainer):
    """One for each application: `Core(settings=Settings())`.

    `features` is what discovery found while the settings were checked, and belongs to `create_app` alone; when it is
    absent, `create_app` discovers by the settings. `specs` are the checks of the configuration; `tunings`, by name, is
    what it changes in those that features bring.
    """

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    features: providers.Object[object] = providers.Object(None)
    specs: providers.Object[tuple[CheckSpec, ...]] = providers.Object(())
    tunings: providers.Object[Mapping[str, Any]] = providers.Object(MappingProxyType({}))
    checks = providers.Singleton(Monitor, specs)
    inventory = providers.Singleton(Inventory)
    lifecycle = providers.Singleton(Lifecycle)
    identity = providers.Singleton(Identity)
