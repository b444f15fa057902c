from bench.charts import Bars, Lines, charts
from tests.support.bench_records import figure, record

LESS = "less is better"


def test_the_sides_of_a_figure_become_bars_the_best_first() -> None:
    cpu = figure("request.cpu", {"FastAPI": 80.0, "PetSage": 20.0, "raw asyncio": 5.0})
    (chart,) = charts(record(cpu))
    bars = [("raw asyncio", 5.0), ("PetSage", 20.0), ("FastAPI", 80.0)]
    limits = ("aiohttp web.Server", "raw asyncio")
    assert chart == Bars(
        "request", "CPU per request", f"GET /smoke-test, µs; {LESS}; hollow: no framework", "µs", bars, limits
    )
    assert chart.alt == "CPU per request: raw asyncio 5 µs, PetSage 20 µs, FastAPI 80 µs"


def test_the_growth_is_drawn_beside_that_of_the_peers() -> None:
    grown = figure("growth.cpu", {"10000": 21.0, "1": 20.0})
    health = [
        figure(f"request.health_{checks}", {"PetSage": 20.0, "svcs": 2.0 * checks, "django-health-check": 9.0 * checks})
        for checks in (500, 1)
    ]
    (chart,) = charts(record(grown, *health))
    assert isinstance(chart, Lines)
    assert chart.lines == {
        "PetSage": [(1, 20.0), (10000, 21.0)],
        "django-health-check": [(1, 9.0), (500, 4500.0)],
        "svcs": [(1, 2.0), (500, 1000.0)],
    }
    assert chart.alt == (
        "CPU per request by number of checks: PetSage 20 µs with 1, 21 µs with 10,000; "
        "django-health-check 9 µs with 1, 4,500 µs with 500; svcs 2 µs with 1, 1,000 µs with 500"
    )


def test_what_was_not_measured_is_not_drawn() -> None:
    assert charts(record()) == []
    (chart,) = charts(record(figure("growth.cpu", {"1": 20.0})))
    assert isinstance(chart, Lines)
    assert chart.lines == {"PetSage": [(1, 20.0)]}
