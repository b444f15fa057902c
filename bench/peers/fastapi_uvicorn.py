"""FastAPI as PetSage's smoke test was first designed: a router, a response model, a summary and tags."""

import sys
from typing import Literal

import uvicorn
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel


class SmokeTestResponse(BaseModel):
    status: Literal["ok"]
    feature: Literal["smoke_test"]
    message: str


router = APIRouter()


@router.get(
    "/smoke-test",
    response_model=SmokeTestResponse,  # noqa: FAST001 (as it was designed)
    summary="Perform a System Smoke Test",
    tags=["System Health"],
)
async def smoke_test() -> SmokeTestResponse:
    return SmokeTestResponse(status="ok", feature="smoke_test", message="PetSage builder is functional!")


app = FastAPI(title="PetSage")
app.include_router(router)
port = int(sys.argv[-1])
uvicorn.run(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
