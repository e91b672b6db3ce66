"""A fixed sample of the fuzz, what it once found, and proof that it would notice."""

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from tests.fuzz.case import FOUND, Blob, Case, decoded, encoded
from tests.fuzz.run import MEMORY_BYTES, Target, Wrong, attempt, run
from tests.fuzz.targets import TARGETS

CASES = {"reader": 1500, "recovery": 600, "message": 400, "scan": 150, "frame": 1500}
OTHERS = 1000
BY_NAME = {target.name: target for target in TARGETS}
KEPT = sorted(path.name for path in FOUND.glob("*.json"))


@pytest.mark.parametrize("name", BY_NAME)
def test_nothing_altered_is_taken_for_true(name: str, tried: Counter[str]) -> None:
    tally = run(BY_NAME[name], seed=1, cases=CASES.get(name, OTHERS))
    tried["fuzz cases"] += tally.cases
    tried["fuzz cases gone wrong"] += tally.wrong
    assert not tally.hits, "\n".join(tally.failures.values())
    assert tally.cases == CASES.get(name, OTHERS)
    assert len(tally.outcomes) > 1


@pytest.mark.parametrize("kept", KEPT)
def test_what_was_found_once_is_not_found_again(kept: str, tried: Counter[str]) -> None:
    target = BY_NAME[kept.rpartition("-")[0]]
    case = decoded((FOUND / kept).read_text(encoding="utf-8"), target.bases)
    kind, outcome = attempt(target, case)
    assert not kind, outcome
    tried["fuzz cases once found"] += 1


def test_how_many_there_are() -> None:
    assert len(TARGETS) == 17
    assert len(KEPT) == 10
    assert sum(CASES.get(name, OTHERS) for name in BY_NAME) == 16_150


def test_a_case_is_kept_as_it_was() -> None:
    chance = Random(3)
    for target in TARGETS:
        case = tuple(Blob(next(iter(pool)), next(iter(pool.values()))) for pool in target.bases)
        for _ in range(20):
            case = target.alter(chance, case)
            assert decoded(encoded(target.name, "", case, target.bases), target.bases) == case


def failing(error: Callable[[], BaseException]) -> Target:
    def judge(data: bytes) -> str:
        if b"!" in data:
            raise error()
        return "fine"

    def alter(chance: Random, case: Case) -> Case:
        return (Blob(case[0].base, case[0].data + chance.choice((b".", b"!"))),)

    return Target("none", ({"base": b""},), alter, judge)


@pytest.mark.parametrize(
    ("error", "why"),
    [(lambda: Wrong("bytes"), "wrong: bytes"), (lambda: KeyError("x"), "crash: KeyError in judge")],
)
def test_a_failure_is_noticed_and_told(error: Callable[[], BaseException], why: str) -> None:
    tally = run(failing(error), seed=1, cases=30)
    assert set(tally.hits) == {why}
    assert 0 < tally.wrong < tally.cases == 30
    assert tally.wrong + sum(tally.outcomes.values()) == 30


def test_a_hang_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.run.HANG_SECONDS", 0.05)

    def forever(data: bytes) -> str:
        while True:
            pass

    assert attempt(Target("none", (), lambda chance, case: case, forever), (Blob("", b""),))[0] == "hang"


def test_memory_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = iter((0, MEMORY_BYTES + 1))
    monkeypatch.setattr("tests.fuzz.run._peak", lambda: next(peaks))
    target = Target("none", (), lambda chance, case: case, lambda data: "fine")
    assert attempt(target, (Blob("", b""),)) == ("memory", "memory")


def test_every_case_that_was_found_is_read() -> None:
    assert set(FOUND.iterdir()) == {FOUND / name for name in KEPT}
