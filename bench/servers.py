"""Measured servers: name and command of each."""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.bench import Bench
from bench.processes import Server, start

PETSAGE = "PetSage"
DOCUMENT = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}
"""Document that PetSage and every peer return for `/smoke-test`."""

REQUEST_PEERS = {
    "aiohttp (json_response)": "aiohttp_json_response.py",
    "aiohttp web.Server": "aiohttp_web_server.py",
    "raw asyncio": "raw_asyncio.py",
    "FastAPI": "fastapi_uvicorn.py",
    "Starlette": "starlette_uvicorn.py",
    "Litestar": "litestar_uvicorn.py",
    "BlackSheep": "blacksheep_uvicorn.py",
    "Sanic": "sanic_alone.py",
}
"""Programs that return the document for `/smoke-test`."""

HEALTH_PEERS = {"django-health-check": "django_health_check_uvicorn.py", "svcs": "svcs_aiohttp.py"}
"""Programs that run checks for `/readyz`; their arguments are the number of checks and the seconds of each."""

_HERE = Path(__file__).parent
_homes = itertools.count()


@dataclass(frozen=True)
class Side:
    """A server that can be started; the port is appended to `command`."""

    name: str
    command: tuple[str | Path, ...]
    core: int
    cwd: Path | None = None

    def start(self, path: str = "/smoke-test") -> Server:
        """Start the server, and wait for the first 200 of this path."""
        server = self.begin()
        try:
            server.wait(path)
        except BaseException:
            server.kill()
            raise
        return server

    def begin(self) -> Server:
        """Start the server without waiting."""
        return start(self.name, self.command, core=self.core, cwd=self.cwd)


def petsage(bench: Bench, name: str = PETSAGE, *, config: str = "", features: Mapping[str, str] | None = None) -> Side:
    """Return PetSage as it is installed, with this text as `config.yml` and these features by the name of their file.

    Without either it is what `petsage serve` is in an empty folder.
    """
    home = bench.folder / f"home-{next(_homes)}"
    (home / "features").mkdir(parents=True)
    (home / "config.yml").write_text(config)
    for file, source in (features or {}).items():
        path = home / "features" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    command = (bench.petsage.with_name("petsage"), "serve", "--host", "127.0.0.1", "--port")
    return Side(name, command, bench.cores.server, home)


def petsage_with_checks(bench: Bench, count: int, *, interval: float = 10) -> Side:
    """Return PetSage with a number of passing checks and their interval in seconds."""
    config = json.dumps({"features": {"trivial": {"checks": count, "interval": interval}}})
    return petsage(bench, config=config, features=features("trivial"))


def features(*names: str) -> dict[str, str]:
    """Return the bench's own features by the name of their file."""
    return {f"{name}.py": (_HERE / "features" / f"{name}.py").read_text() for name in names}


def peer(bench: Bench, name: str, *arguments: object) -> Side:
    """Return a peer by its name."""
    return program(bench, name, (REQUEST_PEERS | HEALTH_PEERS)[name], *arguments)


def program(bench: Bench, name: str, file: str, *arguments: object) -> Side:
    """Return one of the programs in `peers` under a name."""
    return Side(name, (bench.peers, _HERE / "peers" / file, *map(str, arguments)), bench.cores.server)


@contextmanager
def running(sides: Mapping[str, Side], path: str) -> Iterator[dict[str, Server]]:
    """Run all of these until the block ends; it starts when each has answered 200 for this path."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(side.start(path)) for name, side in sides.items()}
