"""Where in its interval a check is run, so that many do not run at once; the same phase gives the same places."""

_GOLDEN = 0.6180339887498949
_FIRST_SPREAD, _SPREAD = 0.9, 0.1
"""By which part of the interval the next run may come early: the second run finds a place for all that follow."""


class Jitter:
    """Walks through its phases, from 0 to 1, beginning at the one given."""

    __slots__ = ("_phase", "_spread")

    def __init__(self, phase: float) -> None:
        self._phase = phase
        self._spread = _FIRST_SPREAD

    def first(self, within: float) -> float:
        """Return how many seconds to wait for the first run, at most those given."""
        return within * self._phase

    def gap(self, interval: float) -> float:
        """Return how many seconds to wait from one run to the next, at most the interval."""
        self._phase = (self._phase + _GOLDEN) % 1
        gap = interval * (1 - self._spread * self._phase)
        self._spread = _SPREAD
        return gap
