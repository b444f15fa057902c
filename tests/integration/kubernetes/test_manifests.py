"""What the manifests say, and that it fits together."""

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.kubernetes.manifest import OBJECTS, config, only, template
from tests.support.require import require

pytestmark = pytest.mark.integration

VERSIONS = ("1.30", "1.34")
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_valid_and_has_no_key_that_kubernetes_does_not_know(version: str) -> None:
    require(find_spec("kubernetes_validate"), "kubernetes-validate is not installed: pip install kubernetes-validate")
    validate = import_module("kubernetes_validate").validate
    kinds = [given["kind"] for given in OBJECTS]
    assert kinds == ["ConfigMap", "Deployment", "Service", "PodDisruptionBudget"]
    for given in OBJECTS:
        validate(given, version, strict=True)


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    path = tmp_path / "config.yml"
    path.write_text(config())
    return path


def petsage(*arguments: str, at: Path) -> str:
    command = [sys.executable, "-m", "petsage", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=at)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_numbers_are_those_that_petsage_emits_for_the_configuration(configured: Path) -> None:
    petsage("config", "check", at=configured.parent)
    emitted = yaml.safe_load(petsage("emit", "kubernetes", at=configured.parent))["spec"]["template"]["spec"]
    shipped = template()["spec"]
    assert shipped["terminationGracePeriodSeconds"] == emitted["terminationGracePeriodSeconds"]
    assert _probes(shipped) == _probes(emitted)


def _probes(spec: dict[str, Any]) -> dict[str, Any]:
    return {name: spec["containers"][0][name] for name in PROBES}


def test_every_selector_meets_the_pods() -> None:
    labels = template()["metadata"]["labels"]
    (spread,) = template()["spec"]["topologySpreadConstraints"]
    selectors = (
        only("Deployment")["spec"]["selector"]["matchLabels"],
        only("Service")["spec"]["selector"],
        only("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        spread["labelSelector"]["matchLabels"],
    )
    assert selectors == (labels,) * 4


def test_a_node_can_be_drained_and_one_pod_always_serves() -> None:
    assert only("PodDisruptionBudget")["spec"]["maxUnavailable"] < only("Deployment")["spec"]["replicas"]
    assert only("Deployment")["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_a_pod_has_no_rights() -> None:
    spec = template()["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert spec["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
