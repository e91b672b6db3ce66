"""The power goes in the middle of an erasure: the film is there, or it is erased, and called what it is."""

import asyncio
import os
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.erase_child import run
from tests.app.kit import PASSPHRASE
from tests.app.test_erasing_kills import Planted, _processes, _received, judged, plant
from tests.power import cut_power, make_disk, restart, unmount
from vigfield.store.migrate import copy_path

pytestmark = pytest.mark.root

DISK_BYTES = 1_000_000_000


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    folder = tmp_path_factory.mktemp("planted") / "vault"
    planted = asyncio.run(plant(folder))
    (database,) = folder.glob("data-*.db")
    shutil.copy(database, copy_path(database, 1))
    return planted


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    make_disk(tmp_path / "disk", DISK_BYTES)
    yield tmp_path / "disk"
    unmount(tmp_path / "disk")


def erased_for(folder: Path, disk: Path, seconds: float | None) -> tuple[bool, float]:
    """Erase for this long and cut the power; whether it was said to be erased by then, and how long it took.

    Without a number the erasure comes to its end.
    """
    ours, theirs = _processes.Pipe()
    process = _processes.Process(target=run, args=(folder, PASSPHRASE, theirs))
    process.start()
    theirs.close()
    assert ours.recv() == "unlocked"
    began = time.monotonic()
    ours.send("go")
    process.join(seconds)
    taken = time.monotonic() - began
    said = ours.poll() and _received(ours) == "erased"
    if seconds is not None:
        cut_power(disk)
        process.kill()
        process.join()
        restart(disk)
    ours.close()
    return said, taken


def cuts(planted: Planted, disk: Path, count: int) -> dict[int, list[str]]:
    """Cut the power this many times, and tell what was wrong of which."""
    chance = random.Random(count)
    place = disk / "vault"
    said, length = erased_for(planted.again(place), disk, None)
    assert said
    shutil.rmtree(place)
    wrong = {}
    for number in range(count):
        planted.again(place)
        os.sync()  # the vault was there long before
        said, _ = erased_for(place, disk, chance.uniform(0, length))
        wrong[number] = asyncio.run(judged(planted, place, said))
        shutil.rmtree(place)
    return {number: words for number, words in wrong.items() if words}


@pytest.mark.parametrize("count", [8, pytest.param(100, marks=pytest.mark.long)])
def test_the_power_goes_in_mid_erasure(planted: Planted, disk: Path, count: int) -> None:
    assert cuts(planted, disk, count) == {}
