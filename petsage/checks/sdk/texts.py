"""Texts that come from elsewhere, made fit for a reason; and the time that a run took."""

from time import perf_counter

from petsage.text import first_line as one_line

__all__ = ["latency_ms", "one_line", "who_answered"]


# Who answers, told by the first bytes; a MySQL greeting is told by its packet number and protocol 10.
_FIRST_WORDS = {
    b"HTTP/": "HTTP",
    b"SSH-": "SSH",
    b"220 ": "SMTP or FTP",
    b"220-": "SMTP or FTP",
    b"* OK": "IMAP",
    b"+OK": "POP3",
    b"+PONG": "Redis",
    b"-ERR": "Redis",
    b"-NOAUTH": "Redis",
    b"-DENIED": "Redis",
    b"INFO {": "NATS",
    b"\x15\x03": "TLS",
}


def who_answered(data: bytes) -> str:
    """Name the protocol of an answer, for `answered HTTP`."""
    for start, name in _FIRST_WORDS.items():
        if data.startswith(start):
            return name
    return "MySQL" if data[3:5] == b"\x00\x0a" else "something else"


def latency_ms(started: float) -> float:
    """Return the milliseconds since `started`, a reading of `time.perf_counter`."""
    return round((perf_counter() - started) * 1000, 2)
