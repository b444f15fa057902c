"""`http`, `tls`, `tcp` and `dns` against nginx, with certificates of all sorts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from petsage.checks.kinds.dns import Dns
from petsage.checks.kinds.http import Http
from petsage.checks.kinds.tcp import Tcp
from petsage.checks.kinds.tls import Tls
from petsage.redaction.secret import Secret
from tests.integration.kinds.certificates import Authority
from tests.integration.kinds.servers import Server, free_port
from tests.support.peers import eventually, failure, open_files, warning
from tests.support.require import require_program

pytestmark = pytest.mark.integration

DAY = 86400.0
HOST = "127.0.0.1"

CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off; ssl_protocols TLSv1.2 TLSv1.3;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {servers}
}}
"""
PLAIN = """server {{
  listen 127.0.0.1:{port};
  location /health {{ default_type application/json; return 200 '{{"status":"up","parts":[{{"ok":true}}]}}'; }}
  location /moved {{ return 301 /health; }}
}}"""
SECURE = """server {{
  listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; return 200 'secret ok';
}}"""


@dataclass
class Web:
    """Where nginx shows which certificate; `plain` is without."""

    ports: dict[str, int]
    ca_file: Path

    def url(self, name: str, path: str = "/", host: str = HOST) -> Secret:
        return Secret(f"http{'s' if name != 'plain' else ''}://{host}:{self.ports[name]}{path}")

    def tls(self, name: str, **settings: object) -> Tls:
        return Tls(host=HOST, port=self.ports[name], **{"ca_file": self.ca_file, **settings})  # type: ignore[arg-type] # a mixture


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Web]:
    program, folder = require_program("nginx", "nginx"), tmp_path_factory.mktemp("nginx")
    here, other = f"IP:{HOST}", Authority(folder, "stranger")
    certificates = {
        "good": authority.issue("good", f"{here},DNS:web.test"),
        "soon": authority.issue("soon", here, ends=20),
        "late": authority.issue("late", here, ends=3),
        "expired": authority.issue("expired", here, starts=-9, ends=-2),
        "early": authority.issue("early", here, starts=2),
        "other address": authority.issue("address", "IP:127.0.0.9"),
        "stranger": other.issue("stranger", here),
        "self-signed": authority.self_signed("self", here),
    }
    ports = {name: free_port() for name in ("plain", *certificates)}
    servers = [PLAIN.format(port=ports["plain"])] + [
        SECURE.format(port=ports[name], certificate=certificate, key=key)
        for name, (certificate, key) in certificates.items()
    ]
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, servers="\n".join(servers)))
    nginx = Server(HOST, ports["plain"], [program, "-p", str(folder), "-c", f"{folder}/nginx.conf"], folder)
    nginx.start()
    try:
        yield Web(ports, authority.file)
    finally:
        nginx.stop()


async def test_a_certificate_that_is_valid_for_long_enough_holds(web: Web) -> None:
    observed = await web.tls("good").run()
    assert observed == {"days_left": 90.0, "protocol": "TLSv1.3", "latency_ms": observed["latency_ms"]}


async def test_a_certificate_that_expires_soon_warns_and_sooner_fails(web: Web) -> None:
    assert await warning(web.tls("soon").run) == "the certificate expires in 20.0 days"
    assert await failure(web.tls("late").run) == "the certificate expires in 3.0 days"
    assert (await web.tls("late", warn_below=DAY, fail_below=DAY).run())["days_left"] == 3.0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("expired", "the certificate has expired"),
        ("early", "the certificate is not valid yet"),
        ("other address", "the certificate is for another address"),
        ("stranger", "the certificate is signed by an unknown authority"),
        ("self-signed", "the certificate is self-signed"),
    ],
)
async def test_a_certificate_that_is_not_trusted_says_why(web: Web, name: str, reason: str) -> None:
    place = f"{HOST}:{web.ports[name]}"
    assert await failure(web.tls(name).run) == f"{place}: {reason}"
    assert await failure(Http(url=web.url(name), ca_file=web.ca_file).run) == f"{place}: {reason}"


async def test_the_servers_name_may_be_another_than_the_host(web: Web) -> None:
    assert (await web.tls("good", server_name="web.test").run())["days_left"] == 90.0
    reason = await failure(web.tls("good", server_name="other.test").run)
    assert reason == f"{HOST}:{web.ports['good']}: the certificate is for another host"


async def test_a_port_without_tls_fails_with_the_reason(web: Web) -> None:
    place = f"{HOST}:{web.ports['plain']}"
    assert await failure(web.tls("plain").run) == f"{place} does not speak TLS"
    assert await failure(Http(url=Secret(f"https://{place}/")).run) == f"{place} does not speak TLS"


async def test_an_answer_over_tls_passes_when_verified_or_when_verification_is_off(web: Web) -> None:
    assert (await Http(url=web.url("good"), ca_file=web.ca_file, contains="secret ok").run())["status"] == 200
    assert (await Http(url=web.url("expired"), verify=False).run())["status"] == 200


async def test_an_answer_is_compared(web: Web) -> None:
    members = {"status": "up", "parts.0.ok": True}
    assert (await Http(url=web.url("plain", "/health"), json=members).run())["status"] == 200
    assert await failure(Http(url=web.url("plain", "/moved")).run) == "answered 301, not 200-299"
    assert (await Http(url=web.url("plain", "/moved"), status=((301, 301),)).run())["status"] == 301


async def test_names_and_ports_of_this_machine_answer(web: Web) -> None:
    assert HOST in str((await Dns(name="localhost", expect=(HOST,)).run())["addresses"])
    assert list(await Tcp(host="localhost", port=web.ports["plain"]).run()) == ["latency_ms"]
    assert (await Http(url=web.url("plain", "/health", "localhost")).run())["status"] == 200


async def test_runs_leave_no_descriptor_open(web: Web) -> None:
    secure = Http(url=web.url("good"), ca_file=web.ca_file)
    await secure.run()
    before = len(open_files())
    for _ in range(10):
        await secure.run()
        await web.tls("good").run()
        await failure(web.tls("expired").run)
        await failure(Http(url=web.url("expired"), ca_file=web.ca_file).run)
    await eventually(lambda: len(open_files()) <= before)
