"""Sanic in its own server, in one process without a manager of workers."""

import sys

from sanic import Request, Sanic
from sanic.response import JSONResponse, json

DOCUMENT = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}
app = Sanic("PetSage")


@app.get("/smoke-test")
async def smoke_test(_request: Request) -> JSONResponse:
    return json(DOCUMENT)


app.run(host="127.0.0.1", port=int(sys.argv[-1]), single_process=True, access_log=False, motd=False)
