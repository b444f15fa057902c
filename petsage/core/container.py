"""Core: the container of what features share. It knows no feature.

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

    `features` are those that were discovered while the settings were read; only `create_app` uses them, and discovers
    them itself if there are none. `specs` are the checks that the configuration declares, and `tunings` are its
    overrides of checks that belong to features.
    """

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    features: providers.Object[object] = providers.Object(None)
    specs: providers.Object[tuple[CheckSpec, ...]] = providers.Object(())
    tunings: providers.Object[Mapping[str, Any]] = providers.Object(MappingProxyType({}))
    checks = providers.Singleton(Monitor, specs)
    inventory = providers.Singleton(Inventory)
    lifecycle = providers.Singleton(Lifecycle)
    identity = providers.Singleton(Identity)
