"""Fall and rise: how many results in a row turn a state."""


class Streak:
    """Counts results; `failures` are the failing ones in a row, up to the last.

    The first result decides at once, and so does the first after `forget`: there is no state to hold on to.
    """

    __slots__ = ("_down", "_fall", "_holds", "_known", "_rise", "_trouble", "failures")

    def __init__(self, fall: int, rise: int) -> None:
        self._fall = fall
        self._rise = rise
        self._known = False
        self._holds = 0
        self._down = False
        self.failures = 0
        self._trouble = 0

    def hold(self) -> bool:
        """Count a result that holds; say whether it decides the state."""
        self.failures = 0
        self._holds += 1
        if not self._down:
            self._trouble = 0
        elif self._known and self._holds < self._rise:
            return False
        self._known, self._down = True, False
        return True

    def fail(self) -> bool:
        """Count a failing result; say whether it decides the state."""
        self._holds = 0
        self.failures += 1
        self._trouble += 1
        if self._known and not self._down and self.failures < self._fall:
            return False
        self._known = self._down = True
        return True

    def turned(self) -> int:
        """Begin to count anew at a turn; return how many results failed up to it."""
        trouble = self._trouble
        if not self._down:
            self._trouble = 0
        return trouble

    def forget(self) -> None:
        """Hold on to nothing: what was known is too old."""
        self._known = False
