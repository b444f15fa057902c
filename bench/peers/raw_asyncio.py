"""No HTTP server at all: a protocol that writes the same bytes for any input, the limit of Python."""

import asyncio
import json
import sys
from typing import cast

import uvloop

DOCUMENT = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}
BODY = json.dumps(DOCUMENT).encode()
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n"
ANSWER = HEAD.format(len(BODY)).encode() + BODY


class Constant(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(ANSWER * data.count(b"\r\n\r\n"))


async def main(port: int) -> None:
    listener = await asyncio.get_running_loop().create_server(Constant, "127.0.0.1", port)
    await listener.serve_forever()


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main(int(sys.argv[-1])))
