import os
import resource
import sys
from collections.abc import Callable

import pytest

from bench.bench import CannotMeasure
from bench.spawn import peak, spent

ENVIRONMENT = {"PATH": os.environ["PATH"]}
BUSY = "import time\nwhile time.process_time() < 0.05: pass"


def test_a_run_is_charged_with_its_own_cpu_time() -> None:
    assert spent([sys.executable, "-c", BUSY], ENVIRONMENT).cpu >= 0.05


def test_the_memory_of_the_parent_does_not_count() -> None:
    large = bytearray(64_000_000)
    large[::4096] = b"\1" * len(large[::4096])
    small = peak(["true"], ENVIRONMENT)
    assert 0 < small < len(large) < resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert peak([sys.executable, "-c", "bytearray(b'1') * 32_000_000"], ENVIRONMENT) > 32_000_000


@pytest.mark.parametrize("measure", [spent, peak])
def test_a_run_that_fails_stops_the_bench(measure: Callable[[list[str], dict[str, str]], object]) -> None:
    with pytest.raises(CannotMeasure, match=r"^false ended with 1$"):
        measure(["false"], ENVIRONMENT)
