"""Kill the server, which is the child of the container's init; first write how many processes that is."""

import os
import signal
import sys
from pathlib import Path


def main() -> None:
    others = [path for path in Path("/proc").glob("[0-9]*") if path.name not in {"1", str(os.getpid())}]
    servers = [int(path.name) for path in others if b"serve" in (path / "cmdline").read_bytes().split(b"\0")]
    # The container ends with its server, and this program with the container.
    sys.stdout.write(f"{len(servers)}\n")
    sys.stdout.flush()
    for server in servers:
        os.kill(server, signal.SIGKILL)


main()
