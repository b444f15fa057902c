"""The manifests that are shipped."""

from typing import Any

import yaml

from tests.support.checkout import CHECKOUT

FILE = CHECKOUT / "deploy" / "kubernetes" / "petsage.yml"
OBJECTS: tuple[dict[str, Any], ...] = tuple(yaml.safe_load_all(FILE.read_text()))


def only(kind: str) -> dict[str, Any]:
    """Return the object of this kind."""
    (found,) = (given for given in OBJECTS if given["kind"] == kind)
    return found


def template() -> dict[str, Any]:
    return dict(only("Deployment")["spec"]["template"])


def config() -> str:
    return str(only("ConfigMap")["data"]["config.yml"])
