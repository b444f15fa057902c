"""What kind of component a check is about, in the words of draft-inadarei-api-health-check-06, section 4.2."""

import sys

COMPONENT, SYSTEM = "component", "system"


def component_type(check: object) -> str:
    """Return what the check's kind says of itself as `component_type`; `component` where it says nothing.

    The kind is the module of the check's class, or a package around it.
    """
    name = type(check).__module__
    while name:
        said = getattr(sys.modules.get(name), "component_type", None)
        if isinstance(said, str):
            return said
        name = name.rpartition(".")[0]
    return COMPONENT
