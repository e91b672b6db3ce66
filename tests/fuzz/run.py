"""Runs cases of one target against its judge, under a watchdog, and tells what came of them."""

import hashlib
import re
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from types import FrameType

from tests.fuzz.case import FOUND, Bases, Blob, Case, encoded

HANG_SECONDS = 20
MEMORY_BYTES = 200_000_000


class Wrong(Exception):
    """The code under test accepted what it should not, or gave other bytes than the true ones."""


class Hang(BaseException):
    """One case took longer than HANG_SECONDS."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that is fuzzed.

    `bases` has a pool of true bytes for each blob of a case; `alter` changes a case; `judge` says what became
    of it in a few words, and raises Wrong, or whatever the code under test let through.
    """

    name: str
    bases: tuple[Bases, ...]
    alter: Callable[[Random, Case], Case]
    judge: Callable[..., str]


@dataclass(slots=True)
class Tally:
    """What came of all cases of a target."""

    target: str
    cases: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    """Kind and place of the failure, and the smallest case found for it."""
    hits: Counter[str] = field(default_factory=Counter)

    @property
    def wrong(self) -> int:
        """How many cases went wrong in any way."""
        return sum(self.hits.values())

    def __str__(self) -> str:
        kinds = [f"{sum(n for w, n in self.hits.items() if w.startswith(k))} {k}" for k in KINDS]
        return (
            f"{self.target:10} {self.cases:>9,} cases  {len(self.outcomes):>3} outcomes  {', '.join(kinds)}"
        )


KINDS = ("crash", "hang", "memory", "wrong")


def run(target: Target, seed: int, *, cases: int = 0, seconds: float = 0) -> Tally:
    """Try so many cases, or for so long. What gives a new outcome is altered further."""
    tally, chance = Tally(target.name), Random(f"{target.name} {seed}")
    corpus: list[Case] = list(_bases(target))
    largest = 2 * max(map(_size, corpus))
    for case in corpus:
        _try(target, case, tally)
    until = time.monotonic() + seconds
    while tally.cases < cases or (not cases and time.monotonic() < until):
        case = target.alter(chance, chance.choice(corpus))
        outcomes = len(tally.outcomes)
        _try(target, case, tally)
        if len(tally.outcomes) > outcomes and _size(case) <= largest:
            corpus.append(case)
    return tally


def attempt(target: Target, case: Case) -> tuple[str, str]:
    """Kind ("" if all is well) and outcome of one case."""
    before = _peak()
    try:
        with _watched():
            outcome = target.judge(*(blob.data for blob in case))
    except Hang:
        return "hang", "hang"
    except Wrong as error:
        return "wrong", f"wrong: {error}"
    except Exception as error:  # noqa: BLE001 - any that is not expected is what is looked for
        return "crash", f"crash: {type(error).__name__} {_place(error)}"
    return ("memory", "memory") if _peak() - before > MEMORY_BYTES else ("", outcome)


def _size(case: Case) -> int:
    return sum(len(blob.data) for blob in case)


def _bases(target: Target) -> Iterator[Case]:
    """True bytes as they belong together: the n-th of each pool."""
    for names in zip(*target.bases, strict=True):
        yield tuple(Blob(name, pool[name]) for name, pool in zip(names, target.bases, strict=True))


def _try(target: Target, case: Case, tally: Tally) -> None:
    tally.cases += 1
    kind, outcome = attempt(target, case)
    if kind:
        tally.hits[outcome] += 1
        text = encoded(target.name, outcome, case, target.bases)
        if len(text) < len(tally.failures.get(outcome, text + " ")):
            tally.failures[outcome] = text
    else:
        tally.outcomes[re.sub(r"segment \d+", "a segment", outcome)] += 1


def keep(tally: Tally) -> Sequence[str]:
    """Save what went wrong under found/; the names of the files."""
    names = []
    for outcome, text in tally.failures.items():
        name = f"{tally.target}-{hashlib.sha256(outcome.encode()).hexdigest()[:8]}.json"
        (FOUND / name).write_text(text, encoding="utf-8")
        names.append(f"{name}: {outcome}")
    return names


def _peak() -> int:
    """The most memory that this process ever used, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _place(error: BaseException) -> str:
    """Where the error came from, without anything that changes from case to case."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return "" if step is None else f"in {step.tb_frame.f_code.co_name}"


@contextmanager
def _watched() -> Iterator[None]:
    def bark(number: int, frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, bark)
    signal.setitimer(signal.ITIMER_REAL, HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
