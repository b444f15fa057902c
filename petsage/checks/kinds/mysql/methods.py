"""Authentication methods: how a password is proved to a server without sending it.

https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods.html
"""

import hashlib
from collections.abc import Callable, Mapping

NATIVE = b"mysql_native_password"


def proof(method: bytes, password: bytes, nonce: bytes) -> bytes | None:
    """Return the proof of a password for a server's nonce, `b""` without a password, None for an unknown method."""
    prove = _METHODS.get(method)
    if prove is None or not password:
        return None if prove is None else b""
    return prove(password, nonce)


def _native(password: bytes, nonce: bytes) -> bytes:
    hashed = _sha1(password)
    return _xor(hashed, _sha1(nonce + _sha1(hashed)))


def _caching_sha2(password: bytes, nonce: bytes) -> bytes:
    hashed = _sha256(password)
    return _xor(hashed, _sha256(_sha256(hashed) + nonce))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()  # the protocol's


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


_METHODS: Mapping[bytes, Callable[[bytes, bytes], bytes]] = {
    NATIVE: _native,
    b"caching_sha2_password": _caching_sha2,
}
