"""What makes the start of the server faster is invisible to features and to the libraries that they import."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.project import Project
from tests.support.server_process import serving, start

LOOK = '''
    """Code of others that looks at the state of the process that it is imported into."""
    import ast, copy, gc, inspect, logging, pickle, re, sys
    from http import cookies
    import marshmallow.validate, yaml.reader

    PACKAGES = {"http", "logging", "marshmallow", "platform", "string", "textwrap", "yaml"}

    def is_compile(node):
        return isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"

    def compiled(holder, body):
        """Yield what the source compiles into a module or a class, as it is kept there: no descriptor is asked."""
        for node in body:
            if isinstance(node, ast.ClassDef) and node.name in vars(holder):
                yield from compiled(vars(holder)[node.name], node.body)
            elif isinstance(node, ast.Assign) and is_compile(node.value):
                yield from (vars(holder)[target.id] for target in node.targets if target.id in vars(holder))

    def patterns():
        for name, module in sorted(sys.modules.items()):
            if name.partition(".")[0] in PACKAGES and getattr(module, "__file__", "").endswith(".py"):
                yield from compiled(module, ast.parse(inspect.getsource(module)).body)

    def look():
        found = [*patterns()]
        return {
            "many": len(found) > 5,
            "no patterns": [repr(one) for one in found if type(one) is not re.Pattern],
            "not the same": [one.pattern for one in found if re.compile(one.pattern, one.flags) != one],
            "not copied": [one.pattern for one in found if copy.copy(one) != one or copy.deepcopy(one) != one],
            "not pickled": [one.pattern for one in found if pickle.loads(pickle.dumps(one)) != one],
            "re": inspect.getsourcefile(re.compile) == re.__file__ and re.compile.__globals__ is vars(re),
            "collects": gc.isenabled(),
        }

    SEEN = {"import": look()}
'''
FEATURE = f"""{LOOK}
    from aiohttp import web
    from petsage.feature import Contribution

    FROZEN = gc.get_freeze_count()

    async def see(request):
        return web.json_response({{**SEEN, "request": look()}})

    async def domain(request):
        found = re.match(marshmallow.validate.Email.DOMAIN_REGEX, request.query["name"])
        return web.json_response(found is not None)

    async def use(request):
        return web.json_response([
            re.search(logging.PercentStyle.validation_pattern, "%(message)s")[0],
            re.search(yaml.reader.Reader.NON_PRINTABLE, "a\\x01").start(),
            re.match(cookies._CookiePattern, "a=b")["val"],
            gc.get_freeze_count() > FROZEN,
        ])

    def setup(core):
        SEEN["setup"] = look()
        return Contribution(routes=[web.get("/see", see), web.get("/domain", domain), web.get("/use", use)])
"""
KIND = f"""{LOOK}
    import json, pathlib
    pathlib.Path("seen.json").write_text(json.dumps(SEEN))
"""
AS_IT_SHOULD_BE = {
    "many": True,
    "no patterns": [],
    "not the same": [],
    "not copied": [],
    "not pickled": [],
    "re": True,
    "collects": True,
}


def in_a_folder(project: Project) -> dict[str, str]:
    project.add_feature("looking.py", FEATURE)
    return {}


def of_a_distribution(project: Project) -> dict[str, str]:
    return install(project, "petsage.features", FEATURE)


def install(project: Project, group: str, source: str) -> dict[str, str]:
    """Add a distribution with the entry point `looking`, and return the environment in which it is installed."""
    folder = project.path / "site"
    metadata = folder / "looking-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / "looking_outside.py").write_text(dedent(source))
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: looking\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{group}]\nlooking = looking_outside\n")
    return {"PYTHONPATH": str(folder)}


@pytest.mark.parametrize("put", [in_a_folder, of_a_distribution])
def test_a_feature_sees_nothing_of_what_makes_the_start_faster(
    project: Project, put: Callable[[Project], dict[str, str]]
) -> None:
    with serving(cwd=project.path, env=put(project)) as server:
        seen = server.get("/see").json
        asked = [server.get(f"/domain?name={name}").json for name in ("example.org", "exa!mple")]
        used = server.get("/use").json
    assert seen == dict.fromkeys(("import", "setup", "request"), AS_IT_SHOULD_BE)
    assert asked == [True, False]
    assert used == ["%(message)s", 1, "b", True]


def test_a_kind_of_another_distribution_sees_nothing_of_it_either(project: Project) -> None:
    project.write_config("checks: {seen: {kind: looking}}")
    server = start(cwd=project.path, env=install(project, "petsage.checks", KIND))
    assert server.wait() == 1
    assert "lacks schema" in server.log
    assert json.loads((project.path / "seen.json").read_text()) == {"import": AS_IT_SHOULD_BE}


@pytest.mark.parametrize("enabled", [True, False])
def test_a_server_that_cannot_start_leaves_the_garbage_collector_as_it_was(tmp_path: Path, *, enabled: bool) -> None:
    program = f"""
import gc
from petsage.cli import main
if not {enabled}:
    gc.disable()
print(main(["serve", "--config", "none.yml"]), gc.isenabled())
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.stdout == f"1 {enabled}\n", done.stderr
