"""A film dies at every point of its life, and nothing that was promised is lost or misnamed."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.kit import unlocked, work_of
from tests.crashes.__main__ import CUTS, mounted
from tests.crashes.child import FRAGMENTS, SECONDS
from tests.crashes.judge import Verdict, judge, read
from tests.crashes.operations import Fault
from tests.crashes.points import (
    Bench,
    Point,
    all_points,
    bench,
    cut,
    deaths_of_recovery,
    power_cuts,
    sample,
    started,
    tried,
)
from vigfield.store import Tx

SAMPLE = 14


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("crashes")) as one:
        yield one


@pytest.fixture(scope="module")
def points(on: Bench) -> list[Point]:
    return all_points(on)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk"):
        yield tmp_path / "disk"


def wrong_ones(on: Bench, points: list[Point]) -> dict[str, Verdict]:
    verdicts = {str(point): tried(on, point) for point in points}
    return {name: one for name, one in verdicts.items() if one.wrong or one.lost > SECONDS}


def test_there_are_as_many_points_as_an_undisturbed_life_has(points: list[Point]) -> None:
    assert {point.fault for point in points} == set(Fault) - {Fault.NONE, Fault.IDLE}
    assert {point.operation for point in points} >= {"write", "rename", "remove", "commit", "sync_folder"}
    assert len(points) > 250


def test_a_sample_of_the_points(on: Bench, points: list[Point]) -> None:
    assert wrong_ones(on, sample(points, SAMPLE)) == {}


@pytest.mark.long
def test_every_point(on: Bench, points: list[Point]) -> None:
    assert wrong_ones(on, points) == {}


def firsts(points: list[Point]) -> list[Point]:
    """First deaths that leave different things behind: torn writes, and the last steps of each part."""
    torn = [point for point in points if point.fault is Fault.TEAR]
    renaming = [
        point for point in points if point.fault is Fault.KILL and point.operation in ("rename", "remove")
    ]
    return [torn[7], torn[2], renaming[0], renaming[-1]]


def wrong_recoveries(on: Bench, firsts: list[Point], every: int = 1) -> tuple[int, dict[str, Verdict]]:
    deaths = [(first, *death) for first in firsts for death in deaths_of_recovery(on, first, every)]
    tried = {f"{first}, then {then}": one for first, then, one in deaths}
    return len(tried), {name: one for name, one in tried.items() if one.wrong or one.lost > SECONDS}


def test_a_sample_of_the_points_of_one_recovery(on: Bench, points: list[Point]) -> None:
    count, wrong = wrong_recoveries(on, firsts(points)[:1], every=4)
    assert wrong == {}
    assert count > 10


@pytest.mark.long
def test_every_point_of_several_recoveries(on: Bench, points: list[Point]) -> None:
    count, wrong = wrong_recoveries(on, firsts(points))
    assert wrong == {}
    assert count > 100


@pytest.mark.root
@pytest.mark.parametrize("count", [10, pytest.param(CUTS, marks=pytest.mark.long)])
def test_power_cuts_at_random_moments(on: Bench, disk: Path, count: int) -> None:
    verdicts = list(power_cuts(on, disk, count, seed=count))
    assert [one for one in verdicts if one.wrong or one.lost > SECONDS] == []
    assert sum(one.promised for one in verdicts) > count / 2


@pytest.mark.root
def test_a_power_cut_without_syncs_is_seen_to_lose_what_was_acknowledged(on: Bench, disk: Path) -> None:
    verdict = cut(on.plan("idle", Fault.IDLE, disk=disk), disk, 0.2)
    assert verdict.promised
    assert verdict.wrong


def in_mid_film(points: list[Point]) -> int:
    """The operation by which the first part is about to get its name: all of it is acknowledged."""
    return next(one.at for one in points if one.fault is Fault.KILL and one.operation == "rename")


def test_the_judge_sees_what_is_not_there(on: Bench, points: list[Point]) -> None:
    plan = on.plan("boasting", Fault.KILL, in_mid_film(points))
    started(plan).join()
    diary = read(plan.diary)
    boasting = replace(diary, acknowledged=(diary.given[0] + 1, 0), said=diary.said | {"ended"})
    verdict = judge(plan.folder, on.service, boasting)
    assert {"acknowledged and not there", "ended and not called whole"} <= set(verdict.wrong)
    assert not verdict.recovered


def test_the_judge_sees_a_film_that_is_called_whole_and_cut(on: Bench, points: list[Point]) -> None:
    plan = on.plan("misnamed", Fault.KILL, in_mid_film(points))
    started(plan).join()
    asyncio.run(altered(plan.folder, "UPDATE recording SET state = 'whole'"))
    verdict = judge(plan.folder, on.service, read(plan.diary))
    assert "called whole and is not" in verdict.wrong


def test_the_judge_sees_an_item_that_was_never_told(on: Bench) -> None:
    plan = on.plan("untold")
    silent = replace(plan, service="http://127.0.0.1:1/fhir")
    started(silent).join()
    sent = "UPDATE outbox SET delivery = 'sent', sent_version = version, etag = 'W/\"1\"'"
    asyncio.run(altered(plan.folder, sent))
    verdict = judge(plan.folder, on.service, read(plan.diary))
    assert "recording is not at the service" in verdict.wrong
    assert verdict.lost == 0 < FRAGMENTS


async def altered(folder: Path, sql: str) -> None:
    """Write something false into a vault's database."""

    def alter(tx: Tx) -> None:
        tx.execute(sql)

    async with unlocked(folder) as app:
        await work_of(app).filming._opened.store.run(alter)
