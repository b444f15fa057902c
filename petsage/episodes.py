"""Log lines for what may happen ten thousand times a second: the first one, and once a minute how many more."""

import logging

INTERVAL_SECONDS = 60.0


class Episode:
    """Counts events of one kind, and logs them as one line an interval.

    The first event is logged as it is. While more follow, a line with their number closes each interval; an interval
    without any ends the episode. `more` describes the events in the plural: `malformed requests`.
    """

    def __init__(self, logger: logging.Logger, level: int, more: str) -> None:
        self._logger = logger
        self._level = level
        self._more = more
        self._count = 0
        self._ends: float | None = None

    def count(self, now: float, text: str, *values: object) -> None:
        """Count an event; `text` and its `values` are logged when it is the first of an episode."""
        if self._ends is None:
            self._ends = now + INTERVAL_SECONDS
            self._logger.log(self._level, f"{text}; more {self._more} are counted and reported once a minute", *values)  # noqa: G004 (the values are not in it)
        else:
            self._count += 1

    def tick(self, now: float) -> None:
        """Close the interval when it is over."""
        if self._ends is not None and now >= self._ends:
            self._ends = now + INTERVAL_SECONDS if self._count else None
            self.flush()

    def flush(self) -> None:
        """Log how many more there were, if any."""
        if self._count:
            self._logger.log(self._level, "%d more %s", self._count, self._more)
            self._count = 0
