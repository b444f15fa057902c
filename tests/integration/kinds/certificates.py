"""Certificates of all sorts, made by openssl."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.require import require_program

CONFIGURATION = """
[ca]
default_ca = ca
[ca]
new_certs_dir = {folder}
database = {folder}/index
serial = {folder}/serial
default_md = sha256
policy = anything
unique_subject = no
[anything]
commonName = supplied
[leaf]
subjectAltName = {names}
basicConstraints = CA:FALSE
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
extendedKeyUsage = serverAuth
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""


class Authority:
    """An authority of its own, with its certificate at `file`."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder / name
        self._folder.mkdir()
        (self._folder / "index").touch()
        (self._folder / "serial").write_text("01")
        self.file = self._folder / "ca.pem"
        self._write("DNS:none")
        self._openssl("req", "-x509", *self._new_key("ca"), "-out", "ca.pem", "-days", "30", "-extensions", "authority")

    def issue(self, name: str, names: str, *, starts: float = -1, ends: float = 90) -> tuple[Path, Path]:
        """Return certificate and key for subject alternative names, valid between two days from now."""
        self._write(names)
        self._openssl("req", *self._new_key(name), "-out", f"{name}.csr")
        dates = ["-startdate", _date(starts), "-enddate", _date(ends)]
        files = ["-in", f"{name}.csr", "-out", f"{name}.pem", "-cert", "ca.pem", "-keyfile", "ca.key"]
        self._openssl("ca", "-batch", "-notext", "-config", "config", "-extensions", "leaf", *dates, *files)
        return self._folder / f"{name}.pem", self._folder / f"{name}.key"

    def self_signed(self, name: str, names: str) -> tuple[Path, Path]:
        """Return a self-signed certificate, and its key."""
        self._write(names)
        self._openssl("req", "-x509", *self._new_key(name), "-out", f"{name}.pem", "-days", "90", "-extensions", "leaf")
        return self._folder / f"{name}.pem", self._folder / f"{name}.key"

    def subject_hash(self) -> str:
        """Return the name, less its number, under which a folder of authorities has this one."""
        argv = [require_program("openssl", "openssl"), "x509", "-subject_hash", "-noout", "-in", str(self.file)]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()

    def _new_key(self, name: str) -> list[str]:
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key"]
        return ["-new", "-config", "config", "-subj", f"/CN={self._folder.name} {name}", *key]

    def _write(self, names: str) -> None:
        request = "[req]\ndistinguished_name = empty\n[empty]\n"
        text = request + CONFIGURATION.format(folder=self._folder, names=names)
        (self._folder / "config").write_text(text)

    def _openssl(self, *arguments: str) -> None:
        argv = [require_program("openssl", "openssl"), *arguments]
        done = subprocess.run(argv, cwd=self._folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def _date(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")
