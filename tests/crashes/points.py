"""All the points at which a film may die, and what is left after each."""

import multiprocessing
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.crashes.child import Plan, run
from tests.crashes.judge import Diary, Verdict, judge, read
from tests.crashes.operations import Fault, faults_of
from tests.power import cut_power, restart
from tests.sync.servers import reference_service

PATIENCE = 60.0

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["pytest", "tests.crashes.child"])


@dataclass(frozen=True, slots=True)
class Point:
    """One way to die: this fault at the operation of this number."""

    operation: str
    at: int
    fault: Fault

    def __str__(self) -> str:
        return f"{self.at} {self.operation}: {self.fault}"


@dataclass(frozen=True, slots=True)
class Bench:
    """Where lives are lived, each in a place of its own, and the service that all of them tell."""

    folder: Path
    service: str

    def plan(self, name: str, fault: Fault = Fault.NONE, at: int = 0, disk: Path | None = None) -> Plan:
        """A life in a new place; its vault may be on another disk than its diary."""
        place = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        return Plan((disk or place) / "vault", self.service, place / "diary", fault, at)


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """A bench in this folder, with the reference service on it."""
    with reference_service(folder / "service.db") as served:
        yield Bench(folder, served.base)


def all_points(on: Bench) -> list[Point]:
    """Every point of an undisturbed life, found by living one."""
    diary, verdict = _lived(on.plan("undisturbed"))
    assert verdict == Verdict(True, True, 0.0, ()), verdict
    assert {"ended", "told"} <= diary.said
    return _points_of(diary)


def sample(points: list[Point], count: int) -> list[Point]:
    """The same points every time, spread over all of them."""
    return random.Random(count).sample(points, count)


def tried(on: Bench, point: Point) -> Verdict:
    """Die at this point in a new vault, and look."""
    plan = on.plan(f"{point.at}-{point.fault.name}", point.fault, point.at)
    verdict = _lived(plan)[1]
    shutil.rmtree(plan.diary.parent)
    return verdict


def deaths_of_recovery(on: Bench, first: Point, every: int = 1) -> Iterator[tuple[Point, Verdict]]:
    """Die at this point, and then at each n-th point of the recovery, each time from the same files."""
    left = on.plan(f"left-{first.at}-{first.fault.name}", first.fault, first.at)
    _live(left)
    undisturbed = _again(on, left, Point("", 0, Fault.NONE))
    _live(undisturbed)
    for point in _points_of(read(undisturbed.diary))[::every]:
        plan = _again(on, left, point)
        yield point, _judged(plan, _live(plan), read(left.diary))
        shutil.rmtree(plan.diary.parent)


def _again(on: Bench, left: Plan, point: Point) -> Plan:
    """A plan to recover a copy of what was left, and to die of it."""
    plan = on.plan(f"{left.diary.parent.name}-then-{point.at}-{point.fault.name}", point.fault, point.at)
    shutil.copytree(left.folder, plan.folder)
    return replace(plan, recovers=True)


def _points_of(diary: Diary) -> list[Point]:
    numbered = enumerate(diary.operations, 1)
    return [Point(name, at, fault) for at, name in numbered for fault in faults_of(name)]


def _lived(plan: Plan) -> tuple[Diary, Verdict]:
    code = _live(plan)
    diary = read(plan.diary)
    return diary, _judged(plan, code, diary)


def _live(plan: Plan) -> int | None:
    """Live a whole life, short as it may be; the exit code."""
    child = started(plan)
    child.join(PATIENCE)
    return ended(child)


def _judged(plan: Plan, code: int | None, diary: Diary) -> Verdict:
    verdict = judge(plan.folder, plan.service, diary)
    if code == (-9 if plan.fault in (Fault.KILL, Fault.TEAR) else 0):
        return verdict
    return replace(verdict, wrong=(*verdict.wrong, f"ended with {code}"))


def started(plan: Plan) -> BaseProcess:
    """A child, living already."""
    child = _processes.Process(target=run, args=(plan,))
    child.start()
    return child


def ended(child: BaseProcess) -> int | None:
    """Kill a child that still runs, and see how it ended."""
    child.kill()
    child.join()
    return child.exitcode


def power_cuts(on: Bench, disk: Path, count: int, seed: int) -> Iterator[Verdict]:
    """Cut the power of a mounted disk at random moments of filming, ending and telling."""
    chance = random.Random(seed)
    length = _seconds_of_a_life(on, disk)
    for number in range(count):
        yield cut(on.plan(f"cut-{number}", disk=disk), disk, chance.uniform(0, length))


def _seconds_of_a_life(on: Bench, disk: Path) -> float:
    child = started(plan := on.plan("length", disk=disk))
    began = _made(plan, child)
    child.join(PATIENCE)
    shutil.rmtree(plan.folder)
    return time.monotonic() - began


def _made(plan: Plan, child: BaseProcess) -> float:
    """Wait until the vault is made; when that was."""
    until = time.monotonic() + PATIENCE
    while "made" not in read(plan.diary).said:
        assert child.is_alive() or child.exitcode == 0
        assert time.monotonic() < until
        time.sleep(0.001)
    return time.monotonic()


def cut(plan: Plan, disk: Path, moment: float) -> Verdict:
    """Let a child live for this many seconds after the vault was made, cut the power, and look.

    What it says later does not count: where the power goes, so does the processor. Here it runs on for a
    moment, and a sync that waits just then may be told that all is well by a journal that has given up.
    """
    child = started(plan)
    _made(plan, child)
    child.join(moment)
    diary = read(plan.diary)
    cut_power(disk)
    ended(child)
    restart(disk)
    verdict = judge(plan.folder, plan.service, diary)
    for left in disk.glob("vault*"):
        shutil.rmtree(left)
    return verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    verdicts: tuple[Verdict, ...]

    def __str__(self) -> str:
        promised = [one for one in self.verdicts if one.promised]
        lost = [one.lost for one in promised] or [0.0]
        return (
            f"{self.name:<28} {len(self.verdicts):>7} {sum(one.recovered for one in promised):>6} of"
            f" {len(promised):<4} {statistics.median(lost):>6.2f} {max(lost):>6.2f} {wrong(self.verdicts):>6}"
        )


HEADING = f"{'':<28} {'points':>7} {'recovered':>14} {'median':>6} {'worst':>6} {'wrong':>6}"


def wrong(verdicts: Iterable[Verdict]) -> int:
    """How many of the verdicts have anything wrong in them."""
    return sum(bool(one.wrong) for one in verdicts)
