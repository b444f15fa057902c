"""The goals of PetSage."""

from bench.goal import Goal, Place

JSON_RESPONSE = "aiohttp (json_response)"
FRAMEWORKS = ("FastAPI", "Starlette", "Litestar", "BlackSheep", "Sanic", JSON_RESPONSE)
"""Python peers with routes; `web.Server` and a raw protocol are not peers, but the limit of the stack."""

CPU, CYCLE, OVERHEAD, START, RSS = "request.cpu", "growth.cycle", "growth.overhead", "start.wall", "memory.start"
SMOKE, PROBE = Place(CPU, "PetSage"), Place("probe.cpu", "petsage-probe")
SMOKE_SAYS, CYCLE_SAYS = "`/smoke-test`, CPU per request", "10,000 checks, CPU per check and cycle"
OVERHEAD_SAYS = "10,000 checks, the same as so many times that of the bare loop"

GOALS: tuple[Goal, ...] = (
    Goal(SMOKE_SAYS, SMOKE, Place(CPU, JSON_RESPONSE), 1, short=True),
    Goal(SMOKE_SAYS, SMOKE, Place(CPU, "FastAPI"), 0.33, short=True),
    Goal(SMOKE_SAYS, SMOKE, Place(CPU, *FRAMEWORKS), 1, "{}, the fastest framework", strict=True),
    Goal(SMOKE_SAYS, SMOKE, Place(CPU, "aiohttp web.Server"), 1.25),
    Goal(
        "`/readyz` with 500 checks, CPU per request",
        Place("request.paths", "/readyz, 500 checks"),
        Place("request.paths", "/smoke-test"),
        1.05,
        short=True,
    ),
    Goal("from exec to the first 200", Place(START, "PetSage"), Place(START, JSON_RESPONSE), 1.25, short=True),
    Goal("memory (RSS) at the start", Place(RSS, "PetSage"), Place(RSS, JSON_RESPONSE), 1.25, short=True),
    Goal(
        "memory (RSS) after 100,000 requests",
        Place("memory.requests", "PetSage"),
        Place(RSS, "PetSage"),
        1.02,
        "at the start",
    ),
    Goal(CYCLE_SAYS, Place(CYCLE, "10000"), Place("growth.bare", "10000"), 2, "a bare loop with `asyncio.timeout`"),
    Goal(OVERHEAD_SAYS, Place(OVERHEAD, "10000"), Place(OVERHEAD, "100"), 1.25, "with 100 checks"),
    Goal(
        "1,000 concurrent `?fresh` probes: runs of the check", Place("herd.executions", "PetSage"), None, 1, short=True
    ),
    Goal(
        "one call of `petsage-probe`, CPU",
        PROBE,
        Place("probe.cpu", "python -c pass"),
        1.2,
        "`python -c pass`",
        short=True,
    ),
    Goal("one call of `petsage-probe`, CPU", PROBE, Place("probe.cpu", "python urllib"), 0.3, short=True),
)
