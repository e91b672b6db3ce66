"""What was committed is there after a kill, a power cut and a full disk."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.power import cut_power, make_disk, restart, unmount
from tests.store.examples import NOW, key, make_vault, opened
from vigfield.errors import Damaged, DiskFull
from vigfield.store import Empty, Go, Present, Store, Throttle, VaultFolder, Wait, families, look, settings

COUNT = """
import asyncio, sys
from pathlib import Path
from tests.store.examples import key
from vigfield.store import Store, settings

async def count():
    store = await Store.open(Path(sys.argv[1]), key())
    number = int(await store.run(lambda tx: settings.get(tx, "n")) or 0)
    while True:
        number += 1
        await store.run(lambda tx: settings.put(tx, "n", str(number)))
        print(number, flush=True)

asyncio.run(count())
"""


def counter(path: Path) -> subprocess.Popen[str]:
    """A process that commits 1, 2, 3 ... and prints each number after its commit."""
    return subprocess.Popen([sys.executable, "-c", COUNT, str(path)], stdout=subprocess.PIPE, text=True)


def counted(path: Path) -> int:
    with opened(path) as store:
        return int(store.run_sync(lambda tx: settings.get(tx, "n")) or 0)


def test_after_a_kill_everything_committed_is_there(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    for wanted in (1, 30, 300):
        last = kill_after(path, wanted)
        assert last <= counted(path) <= last + 1


def kill_after(path: Path, wanted: int) -> int:
    """Kill a counter in the middle of its work; the last number that it printed."""
    with counter(path) as process:
        assert process.stdout is not None
        for _ in range(wanted):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
    return int(rest[-1]) if rest else counted(path)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A mounted ext4 filesystem of its own."""
    folder = tmp_path / "disk"
    make_disk(folder, 64_000_000)
    yield folder
    unmount(folder)


@pytest.mark.root
def test_after_a_power_cut_everything_committed_is_there(disk: Path) -> None:
    store = asyncio.run(Store.open(disk / "data.db", key()))
    for number in range(50):
        store.run_sync(lambda tx, n=number: settings.put(tx, "n", str(n)))
    cut_power(disk)
    asyncio.run(store.close())
    restart(disk)
    assert counted(disk / "data.db") == 49


@pytest.mark.root
def test_a_vault_survives_a_power_cut_at_every_step_of_its_making(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = False
    cuts = 0
    while not whole:
        path = disk / str(cuts)
        whole = make_until(path, cuts, monkeypatch)
        restart(disk)
        assert_empty_or_whole(path)
        cuts += 1
    assert cuts > 10


def make_until(path: Path, step: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Make a vault and cut the power in place of the sync number `step`; whether it was made before that."""
    steps, sync = count(), os.fsync

    def counting_sync(handle: int) -> None:
        if next(steps) == step:
            cut_power(path.parent)
            raise OSError(errno.EIO, "power")
        sync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", counting_sync)
        try:
            make_vault(path)
        except Damaged:
            return False
    cut_power(path.parent)
    assert look_again(path) != Empty()
    return True


def look_again(path: Path) -> Empty | Present:
    restart(path.parent)
    return look(path)


def assert_empty_or_whole(path: Path) -> None:
    found = look(path)
    header = found.header if isinstance(found, Present) else make_vault(path)
    folder = VaultFolder.hold(path)
    assert folder.header() == header
    with opened(folder.database(header)) as store:
        assert store.run_sync(families.all) == []
    folder.release()


@pytest.mark.root
def test_a_counted_try_survives_a_power_cut(disk: Path) -> None:
    make_vault(disk / "vault")
    folder = VaultFolder.hold(disk / "vault")
    while isinstance(Throttle(folder).begin(NOW), Go):
        pass
    cut_power(disk)
    folder.release()
    restart(disk)
    folder = VaultFolder.hold(disk / "vault")
    assert Throttle(folder).begin(NOW) == Wait(300)
    folder.release()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 2 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder], check=False).returncode:
        pytest.skip("no mounts here")
    yield folder
    subprocess.run(["umount", folder], check=False)


@pytest.mark.root
def test_a_full_disk_refuses_and_loses_nothing(small_disk: Path) -> None:
    made = make_vault(small_disk / "vault")
    folder = VaultFolder.hold(small_disk / "vault")
    with opened(folder.database(made)) as store:
        store.run_sync(lambda tx: settings.put(tx, "kept", "yes"))
        filler = small_disk / "filler"
        fill(filler)
        with pytest.raises(DiskFull):
            store.run_sync(lambda tx: settings.put(tx, "big", "x" * 3_000_000))
        with pytest.raises(DiskFull):
            Throttle(folder).begin(NOW)
        with pytest.raises(DiskFull):
            folder.write(replace(made, created="later"))
        filler.unlink()
        store.run_sync(lambda tx: settings.put(tx, "more", "yes"))
        assert store.run_sync(lambda tx: [settings.get(tx, k) for k in ("kept", "big", "more")]) == [
            "yes",
            None,
            "yes",
        ]
    assert Throttle(folder).begin(NOW) == Go(9)
    assert folder.header() == made
    folder.release()


@pytest.mark.root
def test_a_database_on_a_full_disk_says_so_and_opens_later(small_disk: Path) -> None:
    with opened(small_disk / "data.db") as store:
        store.run_sync(lambda tx: settings.put(tx, "kept", "yes"))
    fill(small_disk / "filler")
    for name in ("data.db", "another.db"):
        with pytest.raises(DiskFull):
            asyncio.run(Store.open(small_disk / name, key()))
    (small_disk / "filler").unlink()
    with opened(small_disk / "data.db") as store:
        assert store.run_sync(lambda tx: settings.get(tx, "kept")) == "yes"


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
