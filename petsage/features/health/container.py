"""The objects of this feature."""

from dependency_injector import containers, providers

from petsage.core.builtin_checks import BuiltinChecks
from petsage.feature import Contribution
from petsage.features.health.access import Access
from petsage.features.health.answers import ResponseCache
from petsage.features.health.handlers import HealthHandlers
from petsage.features.health.service import Health
from petsage.features.health.settings import HealthSettings
from petsage.probes.health_json import HealthJson
from petsage.probes.json import PlainJson
from petsage.probes.text import Text


class HealthContainer(containers.DeclarativeContainer):
    """Give it a `core` and `settings`; replace any provider with a fake by its name."""

    core = providers.DependenciesContainer()
    settings: providers.Dependency[HealthSettings] = providers.Dependency(instance_of=HealthSettings)
    house = providers.Singleton(BuiltinChecks, core.inventory, core.lifecycle)
    health = providers.Singleton(
        Health,
        core.checks,
        core.inventory,
        core.lifecycle,
        house,
        deadline=settings.provided.deadline,
        fresh_floor=settings.provided.fresh_floor,
        drain=core.settings.provided.server.drain,
    )
    access = providers.Singleton(Access, settings)
    answers = providers.Singleton(
        ResponseCache,
        health,
        json=providers.Singleton(PlainJson, core.identity),
        text=providers.Singleton(Text),
        health_json=providers.Singleton(HealthJson, core.identity, health.provided.component_type),
    )
    handlers = providers.Singleton(HealthHandlers, health, answers, access)


def contribute(container: HealthContainer) -> Contribution:
    """Return what the feature adds."""
    return Contribution(routes=container.handlers().routes())
