"""Renderers are found: adding a format is adding a module to petsage/probes/renderers, and nothing else."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import petsage
from petsage.probes.accept import preferred_format
from petsage.probes.renderers import find_renderers

RENDERER = '''
"""Comma-separated values."""

from petsage.probes.renderer import Renderer


class CsvRenderer(Renderer):
    """A line for each check."""

    format = "csv"
    media_type = "text/csv"
    content_type = "text/csv; charset=utf-8"
    preference = 9
    documentation = "readyz,pass"

    def render(self, report, query):
        return "\\n".join([f"{query.path},{report.status}", *report.checks]).encode()


RENDERER = CsvRenderer
'''
CLIENT = """
import asyncio
import json

from aiohttp.test_utils import TestClient, TestServer

from petsage.features.health import setup
from petsage.features.health.settings import HealthSettings
from petsage.bootstrap import load
from petsage.http import describe
from petsage.testing import feature_app

PATHS = {"/readyz": "*/*", "/readyz?format=csv": "*/*", "/livez": "text/csv", "/readyz?format=tsv": "*/*"}


async def main():
    app = feature_app(setup(load().core, HealthSettings()))
    document = describe(app.router.routes(), title="x", version="1")
    readyz = document["paths"]["/readyz"]["get"]
    formats = [*readyz["responses"]["200"]["content"]], readyz["parameters"][0]["schema"]["enum"]
    answers = []
    async with TestClient(TestServer(app)) as client:
        for path, accept in PATHS.items():
            answer = await client.get(path, headers={"Accept": accept})
            answers.append([answer.status, answer.content_type, await answer.text()])
    print(json.dumps([formats, answers]))


asyncio.run(main())
"""


def test_a_format_is_added_by_one_module(tmp_path: Path) -> None:
    copy = tmp_path / "petsage"
    shutil.copytree(Path(petsage.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "probes/renderers/csv.py").write_text(RENDERER)
    ran = subprocess.run([sys.executable, "-c", CLIENT], cwd=tmp_path, check=True, capture_output=True, text=True)
    (media_types, formats), (plain, by_query, by_accept, unknown) = json.loads(ran.stdout)
    assert media_types == ["application/json", "text/plain", "application/health+json", "text/csv"]
    assert formats == ["json", "text", "health+json", "csv"]
    assert plain[:2] == [200, "application/json"]
    assert by_query == [200, "text/csv", "readyz,pass\nfeatures\nshutdown"]
    assert by_accept == [200, "text/csv", "livez,pass"]
    assert unknown[0] == 400
    assert json.loads(unknown[2])["detail"] == "format is one of json, text, health+json, csv"


def test_json_comes_first_and_every_format_is_preferred_by_its_media_type() -> None:
    assert [*find_renderers()] == ["json", "text", "health+json"]
    for name, renderer in find_renderers().items():
        assert (renderer.format, preferred_format(renderer.media_type)) == (name, name)
