from textwrap import dedent

import pytest

from bench.bench import CannotMeasure
from bench.wrk import Load, read

URL = "http://127.0.0.1:8080/smoke-test"
SAID = """\
    Running 2s test @ http://127.0.0.1:8080/smoke-test
      1 threads and 16 connections
      Thread Stats   Avg      Stdev     Max   +/- Stdev
        Latency     0.93ms    4.78ms  29.58ms   72.00%
        Req/Sec    18.11k    77.87    18.62k    60.00%
      Latency Distribution
         50%  635.91us
         75%    0.84ms
         90%    1.44ms
         99%    2.93ms
      36108 requests in 2.01s, 4.49MB read
    Requests/sec:  17964.18
    Transfer/sec:      2.23MB
"""


def said(text: str = SAID) -> str:
    return dedent(text)


def test_what_wrk_prints_is_read() -> None:
    assert read(said(), URL) == Load(requests=36108, throughput=17964.18, p50=0.63591, p99=2.93)


@pytest.mark.parametrize(
    ("printed", "milliseconds"), [("635.91us", 0.63591), ("24.30ms", 24.3), ("1.25s", 1250), ("1.50m", 90_000)]
)
def test_every_unit_becomes_milliseconds(printed: str, milliseconds: float) -> None:
    assert read(said().replace("  2.93ms", f"  {printed}"), URL).p99 == pytest.approx(milliseconds)


@pytest.mark.parametrize(
    "mishap", ["Non-2xx or 3xx responses: 841", "Socket errors: connect 0, read 3, write 0, timeout 16"]
)
def test_an_answer_that_is_no_success_stops_the_bench(mishap: str) -> None:
    with pytest.raises(CannotMeasure) as caught:
        read(said().replace("Requests/sec", f"  {mishap}\nRequests/sec"), URL)
    assert str(caught.value) == f"{URL} failed under load: {mishap}"


def test_no_answer_at_all_stops_the_bench() -> None:
    with pytest.raises(CannotMeasure) as caught:
        read(said().replace("36108 requests", "0 requests"), URL)
    assert str(caught.value) == f"{URL} answered nothing under load"


def test_words_that_are_not_wrks_stop_the_bench_and_are_shown() -> None:
    with pytest.raises(CannotMeasure) as caught:
        read("usage: wrk <options> <url>", URL)
    assert str(caught.value) == "wrk printed something else than expected:\nusage: wrk <options> <url>"
