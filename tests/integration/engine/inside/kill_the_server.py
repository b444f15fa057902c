"""Kill the server, which is the child of the container's init; write how many were killed."""

import os
import signal
import sys
from pathlib import Path


def main() -> None:
    killed = 0
    for process in Path("/proc").glob("[0-9]*"):
        if process.name not in {"1", str(os.getpid())} and b"serve" in (process / "cmdline").read_bytes().split(b"\0"):
            os.kill(int(process.name), signal.SIGKILL)
            killed += 1
    sys.stdout.write(f"{killed}\n")


main()
