"""When a run to the service begins by itself: now and then, and ever less often while nobody answers."""

from vigfield import clock

FIRST = 60.0  # seconds after the first failure
_SPREAD = 0.5  # of a wait is chance, so that tablets that lost one server do not all come back at once


class When:
    """Times are seconds on clock.monotonic."""

    def __init__(self) -> None:
        self._failures = 0
        self._next = 0.0
        self._quiet_until = 0.0

    def ended(self, now: float, every: float) -> None:
        """A run came to its end; the next is due after `every` seconds."""
        self._failures = 0
        self._next = now + every
        self._quiet_until = 0.0

    def put_off(self, now: float, every: float, after: float, chance: float) -> None:
        """A run was put off; `after` is how long the service asks to be left alone, `chance` from 0 to 1."""
        wait = min(FIRST * 2.0 ** min(self._failures, 30), max(every, FIRST))
        self._failures += 1
        self._quiet_until = now + after
        self._next = now + max(after, wait * (1 - _SPREAD * chance))

    def due(self, now: float) -> bool:
        """Whether it is time for a run."""
        return now >= self._next

    def quiet(self, now: float) -> bool:
        """Whether the service asked to be left alone, and still is to be."""
        return now < self._quiet_until


def chance() -> float:
    """From 0 to 1."""
    return int.from_bytes(clock.random_bytes(2)) / 0xFFFF
