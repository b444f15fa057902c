"""A name server: a program that answers every question by one address, or as the file of its mode says.

`names.py ADDRESS MODE_FILE`; a mode is `answer`, `servfail`, `silent` or `garbage`. Messages: RFC 1035.
"""

import socket
import struct
import sys
from pathlib import Path

_HEADER = 12
_ANSWER, _SERVER_FAILURE = 0x8580, 0x8582
_TYPE_A = 1
ADDRESS = "192.0.2.7"


def answer(query: bytes, mode: str) -> bytes | None:
    """Return what is to be said to a question."""
    if mode == "silent":
        return None
    if mode == "garbage":
        return b"HTTP/1.1 400 Bad Request\r\n\r\n"
    end = query.index(b"\0", _HEADER) + 5
    question = query[_HEADER:end]
    is_a = struct.unpack("!H", question[-4:-2])[0] == _TYPE_A
    flags, answers = (_SERVER_FAILURE, 0) if mode == "servfail" else (_ANSWER, int(is_a))
    record = struct.pack("!HHHIH", 0xC00C, _TYPE_A, 1, 0, 4) + socket.inet_aton(ADDRESS)
    return query[:2] + struct.pack("!HHHHH", flags, 1, answers, 0, 0) + question + record * answers


def main(address: str, mode: Path) -> None:
    """Serve until killed."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind((address, 53))
        while True:
            query, asker = sock.recvfrom(4096)
            said = answer(query, mode.read_text())
            if said is not None:
                sock.sendto(said, asker)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
