"""Die at every point, lose power at 200 moments, and print what came of it: `python -m tests.crashes`."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crashes.operations import Fault
from tests.crashes.points import HEADING, Bench, Row, Verdict, all_points, bench, power_cuts, tried, wrong
from tests.power import make_disk, unmount

CUTS = 200
DISK_BYTES = 1_000_000_000


def main() -> int:
    """How many results were wrong, as the exit code says it: 0 is good."""
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as on:
        print(HEADING)
        verdicts = tuple(_every_point(on))
        verdicts += tuple(_cuts(on, Path(folder) / "disk"))
        print(Row("all", verdicts))
    for words in sorted({words for verdict in verdicts for words in verdict.wrong}):
        print("wrong:", words)
    return min(1, wrong(verdicts))


def _every_point(on: Bench) -> Iterator[Verdict]:
    points = all_points(on)
    for fault in Fault:
        verdicts = tuple(tried(on, point) for point in points if point.fault is fault)
        if verdicts:
            print(Row(fault, verdicts), flush=True)
        yield from verdicts


def _cuts(on: Bench, disk: Path) -> Iterator[Verdict]:
    if os.geteuid() != 0:
        print("no power was cut: that needs root")
        return
    try:
        with mounted(disk):
            verdicts = tuple(power_cuts(on, disk, CUTS, seed=2))
    except pytest.skip.Exception as reason:
        print("no power was cut:", reason)
        return
    print(Row("power cut", verdicts))
    yield from verdicts


@contextmanager
def mounted(disk: Path) -> Iterator[None]:
    """A disk with room enough to begin a film."""
    make_disk(disk, DISK_BYTES)
    try:
        yield
    finally:
        unmount(disk)


if __name__ == "__main__":
    sys.exit(main())
