"""The images of the example, or substitutes for them where no registry can be reached.

A substitute is an image with Debian's package of the same program, built under the official name by the program that
PETSAGE_ENGINE names, so that the tested files are the shipped ones.
"""

import os
import subprocess
from pathlib import Path

from tests.support.checkout import CHECKOUT
from tests.support.docker_stack import docker
from tests.support.require import require

TOOL = CHECKOUT / os.environ.get("PETSAGE_ENGINE", "no engine is named")
POSTGRES_BASE = "petsage-standin/postgresql:17"
_BASES = {
    "postgres:17": (POSTGRES_BASE, "postgresql"),
    "redis:8": ("redis:8", "redis-server"),
    "haproxy:3.0": ("haproxy:3.0", "haproxy"),
}


def require_images(*images: str) -> None:
    """Pull these images, or build substitutes for them; skip the test if neither is possible."""
    for image in images:
        if not (_is_there(image) or _succeeds("docker", "pull", image)):
            base, package = _BASES[image]
            require(TOOL.exists(), f"the image {image} cannot be pulled: docker pull {image}")
            built = _is_there(base) or _succeeds(str(TOOL), "image", base, "trixie", package)
            require(
                built, f"no substitute for the image {image} can be built: {TOOL.name} image {base} trixie {package}"
            )
            if base != image:
                docker("build", "--tag", image, str(Path(__file__).with_name("postgres")), within=300)


def _is_there(image: str) -> bool:
    return _succeeds("docker", "image", "inspect", image)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, timeout=600, check=False).returncode == 0
