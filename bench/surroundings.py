"""Machine and versions of a run, without which its figures mean little."""

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

_OURS = ("petsage", "aiohttp", "uvloop", "marshmallow", "dependency-injector")
_PEERS = (
    *("aiohttp", "uvloop", "uvicorn", "httptools", "fastapi", "starlette", "pydantic", "litestar", "blacksheep"),
    *("sanic", "django", "django-health-check", "svcs", "matplotlib"),
)
_PROGRAMS = {
    "wrk": ("wrk", "--version"),
    "curl": ("curl", "--version"),
    "wget": ("wget", "--version"),
    "busybox": ("busybox",),
}
_VERSION = re.compile(r"\d+(\.\d+)+")

_DISTRIBUTIONS = """
from importlib.metadata import PackageNotFoundError, version
import sys, platform
print("Python", platform.python_version())
for name in sys.argv[1:]:
    try:
        print(name, version(name))
    except PackageNotFoundError:
        pass
"""


def machine() -> dict[str, str | int]:
    """Return the data of the operating system; nothing in it identifies the machine."""
    return {
        "cpu": _processor(Path("/proc/cpuinfo").read_text()),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000,
        "system": platform.system(),
        "kernel": _numbers(platform.release()),
    }


def versions(petsage: Path, peers: Path) -> dict[str, str]:
    """Return the versions of everything that is measured, in both environments, and of the tools.

    What the peers have in another version than PetSage is there twice.
    """
    ours, theirs = _distributions(petsage, _OURS), _distributions(peers, _PEERS)
    other = {f"{name} (peers)": version for name, version in theirs.items() if ours.get(name, version) != version}
    programs = {name: version for name, command in _PROGRAMS.items() if (version := _asked(command))}
    return theirs | ours | other | programs


def _distributions(python: Path, names: Sequence[str]) -> dict[str, str]:
    done = subprocess.run([python, "-c", _DISTRIBUTIONS, *names], check=True, capture_output=True, text=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def commit(checkout: Path) -> tuple[str, bool]:
    """Return the commit of a checkout and whether files differ from it; without git, an empty commit."""
    try:
        return _git(checkout, "rev-parse", "--short=10", "HEAD"), bool(_git(checkout, "status", "--porcelain"))
    except (OSError, subprocess.CalledProcessError):
        return "", False


def _git(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", checkout, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _asked(command: Sequence[str]) -> str:
    """Return the version that a program prints; empty if it is not installed."""
    try:
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError:
        return ""
    return _numbers(done.stdout)


def _numbers(text: str) -> str:
    """Return the first version in a text."""
    found = _VERSION.search(text)
    return found.group() if found else ""


def _processor(cpuinfo: str) -> str:
    """Return the name of the CPU; some architectures have none there."""
    found = re.search(r"^(?:model name|Model)\s*: (.+)$", cpuinfo, re.MULTILINE)
    return found.group(1) if found else platform.machine()
