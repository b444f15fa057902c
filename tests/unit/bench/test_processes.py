"""With small programs in place of servers."""

import os
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from bench.answers import get
from bench.bench import CannotMeasure, cores
from bench.cost import demand
from bench.processes import Server, pinned
from bench.servers import Side

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="asks Linux what a process uses")

ANSWERS = """
    import http.server, os, sys, threading

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = str(sorted(os.sched_getaffinity(0))).encode()
            self.send_response(200 if self.path == "/affinity" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1])), Handler)
    """


def serving(tmp_path: Path, before: str = "") -> Server:
    program = tmp_path / "program.py"
    program.write_text(f"{dedent(ANSWERS)}\n{dedent(before)}\nserver.serve_forever()")
    return Side("a program", (sys.executable, program), cores().server).start("/affinity")


def test_a_server_runs_on_its_core_and_says_when_it_first_answered(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert get(server.port, "/affinity") == (200, [cores().server])
        assert server.answered > server.started
        assert 0 < server.cpu_to_answer <= server.cpu()
        assert server.stop() > 0


def test_what_a_server_uses_includes_threads_that_have_ended_and_children(tmp_path: Path) -> None:
    burner = """
        def burn():
            begin = time.thread_time()
            while time.thread_time() - begin < 0.2:
                pass
        thread = threading.Thread(target=burn)
        thread.start()
        thread.join()
        if os.fork() == 0:
            burn()
            signal.pause()
        """
    with serving(tmp_path, f"import signal, time\n{dedent(burner)}") as server:
        while server.cpu() < 0.4:
            pass
        assert server.peak() >= server.rss() > 0
        (child,) = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        os.kill(int(child), 9)


def test_a_server_that_exits_instead_of_answering_is_reported_with_its_output() -> None:
    side = Side("a program", (sys.executable, "-c", "raise SystemExit('no port is good enough')"), cores().server)
    with pytest.raises(CannotMeasure) as caught:
        side.start()
    assert str(caught.value) == "a program does not answer at /smoke-test:\nno port is good enough\n"


def test_a_server_is_ended_with_its_block(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        ended = os.pidfd_open(server.pid)
    os.close(ended)
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


def test_another_document_than_the_one_demanded_stops_the_bench_with_the_servers_name(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        demand(server, "/affinity", [cores().server])
        with pytest.raises(CannotMeasure) as caught:
            demand(server, "/smoke-test", {"status": "ok"})
    answer = (404, [cores().server])
    assert str(caught.value) == f"a program answers {answer} at /smoke-test, not (200, {{'status': 'ok'}})"


def test_the_cores_of_this_process_are_its_own_again_after_the_block() -> None:
    before = os.sched_getaffinity(0)
    with pinned(cores().client):
        assert os.sched_getaffinity(0) == {cores().client}
    assert os.sched_getaffinity(0) == before
