"""Types of components, as in draft-inadarei-api-health-check-06, section 4.2."""

import sys

COMPONENT, SYSTEM = "component", "system"


def component_type(check: object) -> str:
    """Return the `component_type` of the kind of a check, which is the module of its class or a package around it.

    The default is `component`.
    """
    name = type(check).__module__
    while name:
        found = getattr(sys.modules.get(name), "component_type", None)
        if isinstance(found, str):
            return found
        name = name.rpartition(".")[0]
    return COMPONENT
