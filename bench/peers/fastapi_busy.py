"""FastAPI with a route that keeps the event loop busy, and a liveness probe beside it."""

import json
import sys

import uvicorn
from fastapi import FastAPI

PETS = [{"id": number, "name": f"pet {number}", "weight": number / 7} for number in range(500)]
app = FastAPI()


@app.get("/busy")
async def busy() -> int:
    return len(json.loads(json.dumps(PETS)))


@app.get("/livez")
async def livez() -> dict[str, str]:
    return {"status": "pass"}


port = int(sys.argv[-1])
uvicorn.run(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
