"""Litestar under uvicorn."""

import sys

import uvicorn
from litestar import Litestar, get

DOCUMENT = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}


@get("/smoke-test")
async def smoke_test() -> dict[str, str]:
    return DOCUMENT


app = Litestar([smoke_test])
port = int(sys.argv[-1])
uvicorn.run(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
