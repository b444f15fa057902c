"""Cost of the probe, which is run every few seconds for years: it imports little more than a bare interpreter."""

import subprocess
import sys

import pytest

from tests.support.probe_peers import SCRIPT, answer, answers, environment, listening

ALLOWED = {
    "_socket",
    "petsage",
    "petsage.probe",
    "petsage.probe.response",
    "petsage.probe.request",
    "petsage.probe.url",
}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("body", [b"up", b"\x1b\xff\xe2\x80\xae"], ids=["plain", "escaped"])
def test_it_imports_a_bare_interpreters_modules_and_few_more(host: str, body: bytes) -> None:
    with listening(answers(answer("200 OK", body))) as peer:
        probe = _modules(str(SCRIPT), f"http://{host}:{peer.port}/")
    assert probe - _modules("-c", "pass") == ALLOWED


def _modules(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], env=environment(), capture_output=True, check=True, text=True
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
