"""nginx: `http`, `https` and `tls`, and the substitutes for other servers."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from tests.integration.kinds.certificates import Authority
from tests.integration.kinds.servers import Network, Server, folder, unprivileged
from tests.integration.truth.files import changed, install, replaced, write
from tests.integration.truth.group import RESTARTING, Group, Peers, Trouble, in_thread, new_port, process_troubles
from tests.integration.truth.table import OFTEN
from tests.support.require import require_program

_USER, _PASSWORD = "check", "hunter2"
_CONNECTIONS = 24

# One process, so that a signal that pauses it pauses all of it.
_CONFIGURATION = """
daemon off; master_process off;
pid {folder}/pid;
error_log stderr crit;
events {{ worker_connections {connections}; }}
http {{
  access_log off; ssl_protocols TLSv1.2 TLSv1.3; keepalive_timeout 600; client_header_timeout 600;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  auth_basic "{realm}"; auth_basic_user_file {folder}/passwords;
  {servers}
}}
"""
_LOCATION = """location / {
  if (-f starting) { return 503; }
  default_type text/plain; root .; try_files /page =404;
}"""
_PLAIN = "server {{ listen {port}; root {folder}; {location} }}"
_SECURE = """server {{
  listen {port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; root {folder}; {location}
}}"""

Certificates = dict[str, tuple[Path, Path]]


@contextmanager
def nginx(net: Network, certificates: Certificates, *, realm: str = "off") -> Iterator[tuple[Server, dict[str, int]]]:
    """Start one that serves a page plainly and with each of these certificates; yield its ports too."""
    with folder() as data:
        ports = {name: new_port() for name in ("web", *certificates)}
        location = _LOCATION.replace("-f starting", f"-f {data}/starting").replace("root .", f"root {data}")
        servers = [_PLAIN.format(port=ports["web"], folder=data, location=location)]
        for name, (certificate, key) in certificates.items():
            shown = {
                "certificate": install(certificate, data / f"{name}.pem"),
                "key": install(key, data / f"{name}.key"),
            }
            servers.append(_SECURE.format(port=ports[name], folder=data, location=location, **shown))
        text = _CONFIGURATION.format(folder=data, realm=realm, connections=_CONNECTIONS, servers="\n".join(servers))
        write(data / "nginx.conf", text)
        write(data / "passwords", f"{_USER}:{{PLAIN}}{_PASSWORD}\n")
        write(data / "page", "well\n")
        argv = [require_program("nginx", "nginx"), "-p", str(data), "-c", f"{data}/nginx.conf"]
        server = Server(net.address, ports["web"], net.within(unprivileged(argv)), data)
        server.start()
        try:
            yield server, ports
        finally:
            server.kill()


@contextmanager
def web(net: Network, peers: Peers, authority: Authority, renewed: Authority) -> Iterator[Group]:
    """Start nginx, and return its checks and troubles."""
    certificates = {"https": authority.issue("web", f"IP:{net.address}")}
    with nginx(net, certificates, realm="checks") as (server, ports):
        ca_file = install(authority.file, server.folder / "ca.pem")
        both = [ports["web"], ports["https"]]
        token = b64encode(f"{_USER}:{_PASSWORD}".encode()).decode()
        headers = {"headers": {"Authorization": f"Basic {token}"}}
        trusted = {"ca_file": str(ca_file), **OFTEN}
        entries = {
            "http": {"kind": "http", "url": f"http://{net.address}:{ports['web']}/", **headers, **OFTEN},
            "https": {"kind": "http", "url": f"https://{net.address}:{ports['https']}/", **headers, **trusted},
            "tls": {"kind": "tls", "host": net.address, "port": ports["https"], **trusted},
        }
        yield Group(
            "nginx",
            entries,
            {
                **process_troubles(server),
                **peers.stream_troubles(both),
                **_of_certificates(peers, ports["https"], ca_file, renewed),
                "TLS on plain": peers.instead_of([ports["web"]], "renewed"),
                "starting up": lambda: in_thread(_present(server.folder / "starting")),
                "wrong password": lambda: changed(server.folder / "passwords", f"{_USER}:{{PLAIN}}other\n"),
                "full": lambda: _crowded(net.address, ports["web"]),
            },
            RESTARTING,
        )


def _of_certificates(peers: Peers, port: int, ca_file: Path, renewed: Authority) -> dict[str, Trouble]:
    @asynccontextmanager
    async def rotated() -> AsyncIterator[None]:
        async with replaced(ca_file, renewed.file), peers.instead_of([port], "renewed")():
            yield

    return {
        "plain on TLS": peers.instead_of([port], "web"),
        "certificate expired": peers.instead_of([port], "expired"),
        "self-signed": peers.instead_of([port], "self-signed"),
        "wrong host": peers.instead_of([port], "wrong-host"),
        "rotated": rotated,
        "authority removed": lambda: replaced(ca_file, renewed.file),
    }


@contextmanager
def _present(path: Path) -> Iterator[None]:
    write(path, "")
    try:
        yield
    finally:
        path.unlink()


@asynccontextmanager
async def _crowded(host: str, port: int) -> AsyncIterator[None]:
    """Hold all of the server's connections."""
    holders = [asyncio.ensure_future(_hold(host, port)) for _ in range(_CONNECTIONS)]
    try:
        yield
    finally:
        for holder in holders:
            holder.cancel()
        await asyncio.wait(holders)


async def _hold(host: str, port: int) -> None:
    """Keep a connection busy with a request that never ends; open another when it is closed."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET / HTTP/1.1\r\n")
            try:
                await reader.read()
            finally:
                writer.close()
        await asyncio.sleep(0.05)


@contextmanager
def stand_ins(net: Network, authority: Authority, renewed: Authority) -> Iterator[dict[str, int]]:
    """Serve in the place of others, plainly and with certificates of all sorts; yield the ports by these."""
    here = f"IP:{net.address}"
    certificates = {
        "expired": authority.issue("expired", here, starts=-9, ends=-2),
        "self-signed": authority.self_signed("self", here),
        "wrong-host": authority.issue("elsewhere", "IP:127.0.0.9"),
        "renewed": renewed.issue("renewed", here),
    }
    with nginx(net, certificates) as (_, ports):
        yield ports
