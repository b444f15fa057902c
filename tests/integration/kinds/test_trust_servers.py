"""Certificates that change, clients' certificates, and what checks leave in logs: nginx, HAProxy, Redis and openssl."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from petsage.checks.kinds.http import Http
from petsage.checks.kinds.tcp import Tcp
from petsage.checks.kinds.tls import Tls
from petsage.redaction.secret import Secret
from tests.integration.kinds.certificates import Authority
from tests.integration.kinds.servers import Server, free_port
from tests.support.peers import eventually, failure, failure_code
from tests.support.require import require_program

pytestmark = pytest.mark.integration

HOST = "127.0.0.1"
NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log stderr {level};
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen {host}:{port}; listen {host}:{tls_port} ssl; return 200 ok;
    ssl_certificate {certificate}; ssl_certificate_key {key};
  }}
}}
"""
HAPROXY = """
global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  {option}
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend all
  bind {host}:{port}
  bind {host}:{tls_port} ssl crt {both} {client}
  http-request return status 200 content-type text/plain string ok
"""


@contextmanager
def nginx(folder: Path, certificate: Path, key: Path, level: str = "error") -> Iterator[tuple[Server, int]]:
    """Start nginx; yield it and its port of TLS."""
    port, tls_port = free_port(), free_port()
    text = NGINX.format(
        folder=folder, level=level, host=HOST, port=port, tls_port=tls_port, certificate=certificate, key=key
    )
    (folder / "nginx.conf").write_text(text)
    argv = [require_program("nginx", "nginx"), "-p", str(folder), "-c", f"{folder}/nginx.conf"]
    with _started(Server(HOST, port, argv, folder)) as server:
        yield server, tls_port


@contextmanager
def haproxy(folder: Path, authority: Authority, *, option: str = "", client: str = "") -> Iterator[tuple[Server, int]]:
    """Start HAProxy; yield it and its port of TLS."""
    port, tls_port = free_port(), free_port()
    certificate, key = authority.issue("haproxy", f"IP:{HOST}")
    both = folder / "both.pem"
    both.write_text(certificate.read_text() + key.read_text())
    text = HAPROXY.format(host=HOST, port=port, tls_port=tls_port, both=both, option=option, client=client)
    (folder / "haproxy.cfg").write_text(text)
    argv = [require_program("haproxy", "haproxy"), "-f", f"{folder}/haproxy.cfg"]
    with _started(Server(HOST, port, argv, folder)) as server:
        yield server, tls_port


@contextmanager
def _started(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _https(port: int, ca_file: Path | None) -> Http:
    return Http(url=Secret(f"https://{HOST}:{port}/"), ca_file=ca_file)


def _tls(port: int, ca_file: Path | None) -> Tls:
    return Tls(host=HOST, port=port, ca_file=ca_file)


@pytest.mark.parametrize("make", [_https, _tls])
@pytest.mark.parametrize("store", ["ca_file", "SSL_CERT_FILE", "SSL_CERT_DIR"])
async def test_a_renewed_authority_is_trusted_and_a_removed_one_is_not_without_a_restart(
    tmp_path: Path, store: str, make: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    certificate, key = old.issue("web", f"IP:{HOST}")
    trusted, folder = tmp_path / "trusted" / "ca.pem", tmp_path / "hashed"
    trusted.parent.mkdir()
    folder.mkdir()
    if store != "ca_file":
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted if store == "SSL_CERT_FILE" else tmp_path / "none"))
        monkeypatch.setenv("SSL_CERT_DIR", str(folder if store == "SSL_CERT_DIR" else tmp_path / "nothing"))

    def trust(authority: Authority) -> None:
        if store == "SSL_CERT_DIR":
            for link in folder.iterdir():
                link.unlink()
            (folder / f"{authority.subject_hash()}.0").symlink_to(authority.file)
        else:
            shutil.copy(authority.file, tmp_path / "next")
            (tmp_path / "next").replace(trusted)

    trust(old)
    with nginx(tmp_path, certificate, key) as (_, port):
        check = make(port, trusted if store == "ca_file" else None)
        await check.run()
        trust(new)
        assert await failure(check.run) == f"{HOST}:{port}: the certificate is signed by an unknown authority"
        trust(old)
        await check.run()


async def test_a_server_that_requires_a_client_certificate_fails_with_the_reason(
    tmp_path: Path, authority: Authority
) -> None:
    with haproxy(tmp_path, authority, client=f"ca-file {authority.file} verify required") as (_, port):
        for _ in range(5):
            said = await failure(_https(port, authority.file).run)
            assert said == f"{HOST}:{port} asks for a client's certificate"
        assert await failure_code(_https(port, authority.file).run) == "tls"
        assert (await _tls(port, authority.file).run())["protocol"] == "TLSv1.3"


async def test_a_tls_1_2_server_that_requires_a_client_certificate_fails_with_the_reason(
    tmp_path: Path, authority: Authority
) -> None:
    port = free_port()
    certificate, key = authority.issue("old tls", f"IP:{HOST}")
    argv = [require_program("openssl", "openssl"), "s_server", "-accept", f"{HOST}:{port}", "-tls1_2", "-www"]
    argv += ["-cert", str(certificate), "-key", str(key), "-Verify", "1", "-CAfile", str(authority.file)]
    with _started(Server(HOST, port, [*argv, "-quiet", "-naccept", "100"], tmp_path)):
        said = await failure(_https(port, authority.file).run)
        asks = "it may ask for a client's certificate, or for another cipher"
        assert said == f"{HOST}:{port} refused the TLS handshake: {asks}"
        assert await failure_code(_tls(port, authority.file).run) == "tls"


async def test_a_redis_that_requires_a_client_certificate_and_resets_fails_with_the_reason(
    tmp_path: Path, authority: Authority
) -> None:
    port = free_port()
    certificate, key = authority.issue("redis tls", f"IP:{HOST}")
    options = {
        "port": 0,
        "tls-port": port,
        "tls-cert-file": certificate,
        "tls-key-file": key,
        "tls-ca-cert-file": authority.file,
        "save": "",
    }
    argv = [require_program("redis-server", "redis-server")]
    argv += [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    with _started(Server(HOST, port, argv, tmp_path)):
        for _ in range(5):
            assert await failure(_https(port, authority.file).run) == f"{HOST}:{port} asks for a client's certificate"
            assert (await _tls(port, authority.file).run())["protocol"] == "TLSv1.3"


async def test_nginx_logs_nothing_of_checks_that_hold(tmp_path: Path, authority: Authority) -> None:
    certificate, key = authority.issue("quiet", f"IP:{HOST}")
    with nginx(tmp_path, certificate, key) as (server, port):
        for check in (Tcp(host=HOST, port=server.port), Tcp(host=HOST, port=port)):
            await check.run()
        await _tls(port, authority.file).run()
        await _https(port, authority.file).run()
        await Http(url=Secret(f"http://{HOST}:{server.port}/")).run()
        server.stop()
        assert (tmp_path / "log").read_text() == ""


@pytest.mark.parametrize(("option", "logs"), [("", True), ("option dontlognull", False)])
async def test_haproxy_logs_connections_without_a_request_unless_configured_otherwise(
    tmp_path: Path, authority: Authority, option: str, *, logs: bool
) -> None:
    log = tmp_path / "log"
    with haproxy(tmp_path, authority, option=option) as (server, port):
        await Tcp(host=HOST, port=server.port).run()
        await _tls(port, authority.file).run()
        await Http(url=Secret(f"http://{HOST}:{server.port}/last")).run()
        await eventually(lambda: "/last" in log.read_text() and ("<BADREQ>" in log.read_text() or not logs))
    assert ("<BADREQ>" in log.read_text()) is logs
    assert log.read_text().count("/last") == 1
