from dataclasses import replace
from pathlib import Path

from bench.record import Record, now, read, write
from tests.support.bench_records import figure, record


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = record(figure("request.cpu", {"PetSage": 12.5, "Sanic": 20.0}), notes=("wget is not installed",), dirty=True)
    write(made, tmp_path / "bench" / "results.json")
    assert read(tmp_path / "bench" / "results.json") == made


def test_numbers_keep_six_significant_digits(tmp_path: Path) -> None:
    write(record(figure("request.cpu", {"PetSage": 0.123456789, "Sanic": 12345678.9})), tmp_path / "results.json")
    assert read(tmp_path / "results.json").figures[0].sides == {"PetSage": [0.123457] * 3, "Sanic": [12345700.0] * 3}


def test_nothing_derived_is_written(tmp_path: Path) -> None:
    write(record(figure("request.cpu", {"PetSage": 1.0})), tmp_path / "results.json")
    assert (
        (tmp_path / "results.json").read_text()
        == """\
{
 "made": "2026-01-02T03:04:05+00:00",
 "commit": "c0ffee",
 "dirty": false,
 "quick": false,
 "machine": {
  "cpu": "Abacus",
  "cores": 2,
  "memory_mb": 4,
  "system": "Linux",
  "kernel": "6.1"
 },
 "versions": {
  "Python": "3.13.1",
  "petsage": "1.0"
 },
 "notes": [],
 "figures": [
  {
   "suite": "request",
   "name": "cpu",
   "title": "The cpu",
   "unit": "µs",
   "better": "less",
   "sides": {
    "PetSage": [
     1.0,
     1.0,
     1.0
    ]
   }
  }
 ]
}
"""
    )


def test_a_figure_is_found_by_its_suite_and_name() -> None:
    cpu = figure("request.cpu", {"PetSage": 1.0})
    made: Record = record(figure("start.cpu", {"PetSage": 9.0}), cpu)
    assert made.figure("request.cpu") == cpu
    assert made.figure("request.wall") is None


def test_it_is_made_now_in_utc() -> None:
    assert replace(record(), made=now()).made.endswith("+00:00")
