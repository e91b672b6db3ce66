"""Figures of a run: how long something took, what is typical of many, and how far they are apart."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured again and again, in one unit, in the order in which it came."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self.values)

    @property
    def worst(self) -> float:
        """The highest."""
        return max(self.values)

    @property
    def best(self) -> float:
        """The lowest."""
        return min(self.values)

    def part(self, share: float) -> float:
        """The value that `share` of all do not exceed: part(0.99) is the 99th percentile, nearest rank."""
        ranked = sorted(self.values)
        return ranked[max(0, math.ceil(share * len(ranked)) - 1)]

    def scaled(self, factor: float) -> "Figures":
        """The same in another unit."""
        return Figures(tuple(value * factor for value in self.values))


def seconds(act: Callable[[], object]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def in_turn(contenders: dict[T, Callable[[], float]], rounds: int) -> dict[T, Figures]:
    """Let contenders measure themselves in turn, A B A B, so that a busy neighbour hits all of them.

    Every other round goes backwards: who comes after whom is not always the same.
    """
    found: dict[T, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        names = list(contenders)
        for name in names if number % 2 == 0 else reversed(names):
            found[name].append(contenders[name]())
    return {name: Figures(tuple(values)) for name, values in found.items()}


def ratios(ours: Figures, limit: Figures) -> Figures:
    """Round by round: ours by the limit's."""
    return Figures(tuple(a / b for a, b in zip(ours.values, limit.values, strict=True)))


def spread(figures: Sequence[float] | Figures, digits: int = 2) -> str:
    """The median, and in brackets the lowest and the highest."""
    found = figures if isinstance(figures, Figures) else Figures(tuple(figures))
    return f"{found.median:.{digits}f} ({found.best:.{digits}f} to {found.worst:.{digits}f})"
