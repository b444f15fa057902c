"""Feature folders that cannot be read, and missing features in `petsage openapi`."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.project import Project
from tests.support.require import without_capabilities


def openapi(cwd: Path, *before: str) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-m", "petsage", "openapi"]
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=cwd, env=env)


def test_what_cannot_be_read_is_named_and_what_is_no_feature_is_left_alone(project: Project) -> None:
    project.add_feature("file.py", "").chmod(0)
    for name in ("folder", "lost+found"):
        project.add_feature(f"{name}/__init__.py", "").parent.chmod(0)
    try:
        told = openapi(project.path, *without_capabilities())
    finally:
        for name in ("folder", "lost+found"):
            (project.features / name).chmod(0o755)
    assert (told.returncode, told.stderr) == (
        1,
        (
            "petsage: without the feature 'file': import: PermissionError\n"
            "petsage: without the feature 'folder': import: PermissionError\n"
        ),
    )
    assert "/smoke-test" in json.loads(told.stdout)["paths"]


def test_what_a_feature_prints_is_not_in_the_document_and_any_encoding_will_do(project: Project) -> None:
    project.add_feature(
        "prints.py",
        '''
        """Prints."""
        from aiohttp import web
        from petsage.feature import Contribution
        print("imported")
        async def show(request):
            """Größe."""
        def setup(core):
            print("set up")
            return Contribution(routes=[web.get("/size", show)])
        ''',
    )
    told = openapi(project.path)
    assert (told.returncode, told.stderr) == (0, "imported\nset up\n")
    assert json.loads(told.stdout)["paths"]["/size"]["get"]["summary"] == "Größe."
