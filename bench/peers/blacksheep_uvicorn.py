"""BlackSheep under uvicorn."""

import sys

import uvicorn
from blacksheep import Application, Response, get, json

DOCUMENT = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}


@get("/smoke-test")
async def smoke_test() -> Response:
    return json(DOCUMENT)


app = Application()
port = int(sys.argv[-1])
uvicorn.run(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
