"""`command` of a server that is stopped while a program runs."""

from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.kinds.servers import until
from tests.support.server_process import serving

pytestmark = pytest.mark.integration

CONFIGURATION = """
server: {drain: 0s}
checks:
  worker:
    kind: command
    argv: [sh, -c, "echo $$$$ >old; mv old leader; setsid sh -c 'echo $$$$ >new; mv new escaped; sleep 99' & sleep 99"]
    timeout: 60s
"""


NAMES = ("leader", "escaped")


def _running(folder: Path) -> list[int]:
    """Return the processes of the run that goes on; a busy start may have had another before it."""
    written = [folder / name for name in NAMES]
    return [pid for path in written if path.exists() and _is_alive(pid := int(path.read_text()))]


def _is_alive(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):  # gone before it is opened, or before it is read
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_server_that_stops_leaves_no_process_of_a_check(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text(CONFIGURATION)
    with serving(cwd=tmp_path) as server:
        until(lambda: len(_running(tmp_path)) == len(NAMES), "the program was not started")
        pids = _running(tmp_path)
        assert server.terminate() == 0
    until(lambda: not any(_is_alive(pid) for pid in pids), "a process is left", within=10)
