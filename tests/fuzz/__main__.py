"""Alter films, tails and messages for minutes, and print what came of it: `python -m tests.fuzz`."""

import argparse
import sys

from tests.fuzz.run import keep, run
from tests.fuzz.targets import TARGETS


def main(arguments: list[str]) -> int:
    """How many targets had a failure; 0 is good. Each failure is kept under tests/fuzz/found/."""
    said = _parser().parse_args(arguments)
    failed = 0
    chosen = [target for target in TARGETS if target.name in (said.only or [target.name])]
    for target in chosen:
        tally = run(target, said.seed, seconds=said.minutes * 60 / len(chosen))
        print(tally, flush=True)
        if said.outcomes:
            print("\n".join(f"    {count:>9,} {outcome}" for outcome, count in tally.outcomes.most_common()))
        for name in keep(tally):
            print("   ", name, flush=True)
        failed += bool(tally.wrong)
    return failed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for all targets together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=[target.name for target in TARGETS])
    parser.add_argument("--outcomes", action="store_true", help="also print what became of the cases")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
