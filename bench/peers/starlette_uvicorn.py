"""Starlette under uvicorn."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

DOCUMENT = {"status": "ok", "feature": "smoke_test", "message": "PetSage builder is functional!"}


async def smoke_test(_request: Request) -> JSONResponse:
    return JSONResponse(DOCUMENT)


app = Starlette(routes=[Route("/smoke-test", smoke_test)])
port = int(sys.argv[-1])
uvicorn.run(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
