"""The parts of a MySQL server: packets, greetings and proofs, written from the protocol's documentation."""

import asyncio
import hashlib
import struct

TLS_OFFERED = 0x0800
_CAPABILITIES = 0x0008A200  # PROTOCOL_41, TRANSACTIONS, RESERVED2, PLUGIN_AUTH

OK = b"\0\0\0\2\0\0\0"
DENIED = b"\xff\x15\x04#28000Access denied for user 'app'@'x'"


def mysql_packet(number: int, payload: bytes) -> bytes:
    return struct.pack("<I", len(payload) | number << 24) + payload


def mysql_greeting(method: bytes, nonce: bytes, more: int = 0, version: bytes = b"8.4.0") -> bytes:
    able = _CAPABILITIES | more
    first = b"\x0a" + version + b"\0" + struct.pack("<I", 7) + nonce[:8] + b"\0" + struct.pack("<H", able & 0xFFFF)
    return first + struct.pack("<BHHB10x", 255, 2, able >> 16, 21) + nonce[8:] + b"\0" + method + b"\0"


async def read_mysql_packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readexactly(4)
    return head[3], await reader.readexactly(int.from_bytes(head[:3], "little"))


def native_proof(password: bytes, nonce: bytes) -> bytes:
    once = hashlib.sha1(password).digest()
    mask = hashlib.sha1(nonce + hashlib.sha1(once).digest()).digest()
    return (int.from_bytes(once) ^ int.from_bytes(mask)).to_bytes(20)


def sha2_proof(password: bytes, nonce: bytes) -> bytes:
    once = hashlib.sha256(password).digest()
    mask = hashlib.sha256(hashlib.sha256(hashlib.sha256(password).digest()).digest() + nonce).digest()
    return (int.from_bytes(once) ^ int.from_bytes(mask)).to_bytes(32)
