from pathlib import Path

from bench import report
from bench.markdown import replaced
from bench.record import Record
from tests.support.bench_records import figure, record

README = Path(__file__).parents[3] / "README.md"
PROBES = figure("probe.cpu", {"petsage-probe": 12.0, "python -c pass": 11.0, "python urllib": 60.0}, "ms")
HERD = figure("herd.executions", {"PetSage": 2.0}, "")
MADE = "Measured 2026-01-02T03:04:05+00:00 at commit `c0ffee`, on Abacus, 2 cores, Linux 6.1, Python 3.13.1.\n"
PICTURE = (
    '<picture><source media="(prefers-color-scheme: dark)" srcset="{0}/probe-dark.svg">'
    '<img src="{0}/probe-light.svg" alt="CPU of one probe: '
    'python -c pass 11 ms, petsage-probe 12 ms, python urllib 60 ms" align="top"></picture>\n'
)


def page(made: Record) -> str:
    return report.page(made, "../bench/README.md").replace("\N{NO-BREAK SPACE}", " ")


def section(made: Record) -> str:
    return report.section(made).replace("\N{NO-BREAK SPACE}", " ")


def test_the_readme_shows_the_short_goals_that_were_measured() -> None:
    assert (
        section(record(PROBES, HERD))
        == f"""\
|  | PetSage | beside it |  | ratio |
| --- | ---: | --- | ---: | ---: |
| 1,000 concurrent `?fresh` probes: runs of the check | 2 |  |  | 2 |
| one call of `petsage-probe`, CPU | 12 ms | `python -c pass` | 11 ms | 1.091 |
| one call of `petsage-probe`, CPU | 12 ms | python urllib | 60 ms | 0.200 |

{PICTURE.format("docs/bench")}
[All figures](docs/bench.md), by `make bench`. {MADE}"""
    )


def test_the_readme_has_the_place_for_it() -> None:
    assert "| new |" in replaced(README.read_text(), "bench", "| new |")


def test_the_page_shows_every_figure_with_its_rounds_and_ratios() -> None:
    shown = page(
        record(HERD, PROBES, figure("request.throughput", {"Sanic": 1.0, "PetSage": 20.0}, "requests/s", "more"))
    )
    assert shown.startswith(f"# What PetSage costs, beside its peers\n\nWritten by `make bench`.\n\n{MADE}\nWhat is")
    assert (
        shown.split("## request\n\n")[1]
        == """\
**The throughput** (more is better, rounds: 3)

|  | median, requests/s | quartiles | to PetSage |
| --- | ---: | ---: | ---: |
| Sanic | 1 | 1 to 1 | 0.05 |
| **PetSage** | 20 | 20 to 20 | 1.00 |

## herd

**The executions** (less is better, rounds: 3)

|  | median | quartiles | to PetSage |
| --- | ---: | ---: | ---: |
| **PetSage** | 2 | 2 to 2 | 1.00 |

## probe

**The cpu** (less is better, rounds: 3)

|  | median, ms | quartiles | to petsage-probe |
| --- | ---: | ---: | ---: |
| **petsage-probe** | 12 | 12 to 12 | 1.00 |
| python -c pass | 11 | 11 to 11 | 0.92 |
| python urllib | 60 | 60 to 60 | 5.00 |

## Of what, and where

Python 3.13.1, petsage 1.0
"""
    )


def test_the_page_says_which_goals_are_met() -> None:
    goals = page(record(PROBES, HERD)).split("## The goals\n\n")[1].split("\n\n")[0].splitlines()
    assert goals[0] == "|  | PetSage | beside it |  | ratio | goal | met |"
    assert goals[2] == "| `/smoke-test`, CPU per request |  |  |  |  | ≤ 1.00 | not measured |"
    assert goals[-3:] == [
        "| 1,000 concurrent `?fresh` probes: runs of the check | 2 |  |  | 2 | ≤ 1 | **no** |",
        "| one call of `petsage-probe`, CPU | 12 ms | `python -c pass` | 11 ms | 1.091 | ≤ 1.20 | yes |",
        "| one call of `petsage-probe`, CPU | 12 ms | python urllib | 60 ms | 0.200 | ≤ 0.30 | yes |",
    ]


def test_the_fastest_of_several_is_named() -> None:
    cpu = figure("request.cpu", {"PetSage": 20.0, "Sanic": 25.0, "FastAPI": 80.0})
    assert "| 20 µs | Sanic, the fastest framework | 25 µs | 0.800 | < 1.00 | yes |" in page(record(cpu))


def test_numbers_of_checks_are_written_out() -> None:
    shown = page(record(figure("growth.cpu", {"1": 20.0, "10000": 21.0})))
    assert "| 1 check | 20 | 20 to 20 | 1.00 |\n| 10,000 checks | 21 | 21 to 21 | 1.05 |\n" in shown


def test_what_a_reader_must_know_is_said() -> None:
    shown = page(record(quick=True, dirty=True, notes=("wget is not installed",)))
    assert (
        "\nA quick run: for a first look only. Measured 2026-01-02T03:04:05+00:00 at commit `c0ffee`, with files"
        in shown
    )
    assert shown.endswith("\n- wget is not installed\n")
