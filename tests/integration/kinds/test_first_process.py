"""`command` where the server is the first process of its PID namespace, as in a container without an init."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.require import require, require_program

pytestmark = pytest.mark.integration

PROGRAM = """
import asyncio, json, os, subprocess, sys
from pathlib import Path
from petsage.checks.kinds.command import Command

ESCAPE = ("sh", "-c", "setsid sh -c 'sleep 600 & sleep 600' & sleep 600 & (sleep 0.01 &) ; sleep 0.02")

def processes():
    for path in Path("/proc").iterdir():
        if path.name.isdecimal() and path.name != "1":
            name, _, rest = (path / "stat").read_text().rpartition(")")
            yield name.partition("(")[2], rest.split()[0]

async def stopped():
    run = asyncio.ensure_future(Command(argv=(*ESCAPE[:2], ESCAPE[2] + "; sleep 600")).run())
    await asyncio.sleep(0.1)
    run.cancel()
    await asyncio.wait([run])

async def main():
    theirs = [await asyncio.create_subprocess_exec("sh", "-c", f"exit {code}") for code in range(5)]
    feature = [subprocess.Popen(["sh", "-c", f"exit {code}"]) for code in range(5)]
    running = subprocess.Popen(["sleep", "600"])
    for _ in range(20):
        await Command(argv=ESCAPE).run()
        await stopped()
    left = sorted(processes())
    codes = [await one.wait() for one in theirs], [one.wait() for one in feature]
    running.kill()
    print(json.dumps({"pid": os.getpid(), "left": left, "codes": codes, "running": running.wait()}))

asyncio.run(main())
"""


def test_a_server_without_an_init_keeps_no_zombie_of_a_check_and_takes_no_status_of_others(tmp_path: Path) -> None:
    unshare = require_program("unshare", "util-linux")
    argv = [unshare, "--pid", "--fork", "--mount-proc", "--kill-child"]
    allowed = subprocess.run([*argv, "true"], capture_output=True, check=False).returncode == 0
    require(allowed, "no PID namespace can be made here: run as root")
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    done = subprocess.run(
        [*argv, sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    left = [name for name, _ in said.pop("left")]
    assert left.count("sleep") == 1, left  # the feature's own
    assert len(left) - 1 <= 5, left  # processes of the feature that were not reaped yet
    codes = list(range(5))
    assert said == {"pid": 1, "codes": [codes, codes], "running": -9}
