"""Measure everything and print the table: `python -m benchmarks [--only NAME ...] [--quick] [--write]`."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import crashes, disk, draining, filming, machine, practice, seal, seeks, table, unlock
from benchmarks.table import Row

Measure = Callable[..., list[Row]]
MEASURES: dict[str, Measure] = {
    "seal": seal.measure,
    "disk": disk.measure,
    "unlock": unlock.measure,
    "practice": practice.measure,
    "draining": draining.measure,
    "seeks": seeks.measure,
    "crashes": crashes.measure,
    "filming": filming.measure,
}


def main(arguments: list[str]) -> int:
    """0 when everything was measured, whether or not its goal was met; what failed is named."""
    parser = _parser()
    said = parser.parse_args(arguments)
    if said.write and said.only:
        parser.error("the page holds a whole table: --write goes with every measurement")
    began, load = time.time(), machine.load()
    rows, failed = _measured(said.only or list(MEASURES), quick=said.quick)
    minutes = (time.time() - began) / 60
    about = [*machine.described(), _when(began, minutes, load, quick=said.quick)]
    print("\n".join((*about, "", table.plain(rows), "", table.goals(rows))))
    if said.write and not failed:
        table.write(about, rows)
    return len(failed)


def _measured(names: list[str], *, quick: bool) -> tuple[list[Row], list[str]]:
    rows, failed = [], []
    for name in names:
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="vigfield-bench-") as folder:
                rows += MEASURES[name](Path(folder), quick=quick)
            how = f"{time.monotonic() - began:.0f} s"
        except Exception as error:  # noqa: BLE001 - the other measurements are worth having
            how = f"FAILED: {type(error).__name__}: {error}"
            failed.append(name)
        print(f"{name}: {how}", file=sys.stderr, flush=True)
    return rows, failed


def _when(began: float, minutes: float, load: str, *, quick: bool) -> str:
    day = time.strftime("%d %B %Y", time.localtime(began))
    kind = "quick run, " if quick else ""
    return f"{day}, {kind}{minutes:.0f} minutes, load average {load} before and {machine.load()} after"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), help="only these measurements")
    parser.add_argument("--quick", action="store_true", help="less of each: a look, not a measurement")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
