"""Container of the feature's objects."""

from collections.abc import Callable, Mapping
from math import ceil

from dependency_injector import containers, providers

from petsage.core.builtin_checks import BuiltinChecks
from petsage.core.identity import Identity
from petsage.feature import Contribution
from petsage.features.health.auth import Auth
from petsage.features.health.handlers import HealthHandlers
from petsage.features.health.service import Health
from petsage.features.health.settings import HealthSettings
from petsage.probes.cache import ResponseCache
from petsage.probes.renderer import Renderer
from petsage.probes.renderers import find_renderers


def _renderers(identity: Identity, component_type: Callable[[str], str]) -> Mapping[str, Renderer]:
    return {name: renderer(identity, component_type) for name, renderer in find_renderers().items()}


def _retry_after(drain: float) -> int:
    """Return whole seconds, at least one."""
    return max(1, ceil(drain))


class HealthContainer(containers.DeclarativeContainer):
    """Give it a `core` and `settings`; replace any provider with a fake by its name."""

    core = providers.DependenciesContainer()
    settings: providers.Dependency[HealthSettings] = providers.Dependency(instance_of=HealthSettings)
    builtin_checks = providers.Singleton(BuiltinChecks, core.inventory, core.lifecycle)
    health = providers.Singleton(
        Health,
        core.monitor,
        core.inventory,
        core.lifecycle,
        builtin_checks,
        deadline=settings.provided.deadline,
        fresh_floor=settings.provided.fresh_floor,
    )
    auth = providers.Singleton(Auth, settings)
    renderers = providers.Singleton(_renderers, core.identity, health.provided.component_type)
    responses = providers.Singleton(
        ResponseCache, renderers, drain=providers.Callable(_retry_after, core.settings.provided.server.drain)
    )
    handlers = providers.Singleton(HealthHandlers, health, responses, auth)


def contribute(container: HealthContainer) -> Contribution:
    """Return what the feature adds."""
    return Contribution(routes=container.handlers().routes())
