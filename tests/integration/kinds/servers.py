"""Real servers as unprivileged processes on free ports, in a network namespace of their own where that can be had."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.require import require

NOBODY = 65534
USUAL_PLACES = "/usr/sbin:/sbin:/usr/local/sbin"


@dataclass
class Network:
    """Where servers listen, and how to drop what is sent to one of their ports."""

    address: str = "127.0.0.1"
    namespace: str | None = None

    def within(self, argv: Sequence[str]) -> list[str]:
        """Return a command that runs in the namespace."""
        return ["ip", "netns", "exec", self.namespace, *argv] if self.namespace else [*argv]

    @contextmanager
    def dropping(self, port: int) -> Iterator[None]:
        """Drop whatever comes for the port."""
        require(self.namespace, "no network namespace: run as root with iproute2 and nftables installed")
        chain = "add table inet t; add chain inet t c { type filter hook input priority 0; }"
        rules = f"{chain}; add rule inet t c tcp dport {port} drop"
        subprocess.run(self.within(["nft", rules]), check=True)
        try:
            yield
        finally:
            subprocess.run(self.within(["nft", "delete table inet t"]), check=True)


@contextmanager
def network(which: int = 0) -> Iterator[Network]:
    """Enter with a namespace that a pair of virtual interfaces leads to, or with the loopback; of each `which`, one."""
    number = (2 * os.getpid() + which) % 16384
    name = f"petsage{number}"
    ours, theirs = (f"10.213.{number // 64}.{number % 64 * 4 + last}" for last in (1, 2))
    steps = [
        f"ip netns add {name}",
        f"ip link add v{number} type veth peer name w{number} netns {name}",
        f"ip addr add {ours}/30 dev v{number}",
        f"ip link set v{number} up",
        f"ip -n {name} addr add {theirs}/30 dev w{number}",
        f"ip -n {name} link set w{number} up",
        f"ip -n {name} link set lo up",
    ]
    try:
        made = bool(shutil.which("nft") and shutil.which("ip")) and all(_succeeds(step) for step in steps)
        yield Network(theirs, name) if made else Network()
    finally:
        if shutil.which("ip"):
            _succeeds(f"ip netns del {name}")


def _succeeds(command: str) -> bool:
    return subprocess.run(command.split(), capture_output=True, check=False).returncode == 0


@dataclass
class Server:
    """A server that can be stopped, paused and started again; `argv` is its command, `ready` when it answers."""

    address: str
    port: int
    argv: list[str]
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self, *more: str, accepts: bool = True) -> None:
        """Start it, and return when it accepts connections."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([*self.argv, *more], stdout=log, stderr=log, cwd=self.folder)
        if accepts:
            until(self._accepts, f"{self.argv} accepts no connections: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it, paused or not, and return when it is gone."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def kill(self) -> None:
        """Kill it, whatever it is doing."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let it accept, by the kernel's hand, and say nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def _accepts(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"{self.argv[0]} ended: {(self.folder / 'log').read_text()[-2000:]}"
        with suppress(OSError), socket.create_connection((self.address, self.port), timeout=1):
            return True
        return False


@contextmanager
def folder() -> Iterator[Path]:
    """Enter with an empty folder that an unprivileged server may use; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="petsage") as name:
        if os.geteuid() == 0:
            os.chown(name, NOBODY, NOBODY)
        yield Path(name)


def unprivileged(argv: Sequence[str]) -> list[str]:
    """Return a command that does not run as root: PostgreSQL refuses to."""
    if os.geteuid() != 0:
        return [*argv]
    require(shutil.which("setpriv"), "setpriv is not installed: apt-get install util-linux")
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *argv]


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def until(holds: Callable[[], object], otherwise: str, within: float = 60) -> None:
    """Return when it holds."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)
