"""An erasure that is killed at its k-th write, sync, cut or removal: the film is there, or it is erased.

strace counts what the process asks of the system, SQLite's own writes included, and kills it there.
"""

import asyncio
import multiprocessing
import random
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.app.erase_child import run
from tests.app.kit import PASSPHRASE, frames_of, tablet, tree, unlocked, work_of
from tests.app.test_erasing import database_key, keys_of
from tests.store.pages import everything, found
from vigfield.app import PlayLink, Work
from vigfield.model import Recording, RecordingState
from vigfield.status import status
from vigfield.store.migrate import copy_path

CHANGES = "write,pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2"
SAMPLE = 6

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.app.erase_child"])


def strace(*options: str) -> list[str]:
    """The command that runs strace; the test is skipped, with the reason, where there is none."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not here")
    return ["strace", "-qq", "-e", f"trace={CHANGES}", *options]


@dataclass(frozen=True, slots=True)
class Planted:
    """A locked vault with one film, and a copy of its database as a migration leaves it."""

    folder: Path
    database: bytes
    sealed: bytes
    plain: bytes

    def again(self, place: Path) -> Path:
        """The vault in another place."""
        shutil.copytree(self.folder, place)
        return place

    async def left(self, folder: Path) -> set[bytes]:
        return found((self.sealed, self.plain), everything(folder, self.database))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    folder = tmp_path_factory.mktemp("planted") / "vault"
    planted = asyncio.run(plant(folder))
    (database,) = folder.glob("data-*.db")
    shutil.copy(database, copy_path(database, 1))
    return planted


async def plant(folder: Path) -> Planted:
    async with tablet(folder) as one:
        film = await one.filmed()
        sealed, plain = await keys_of(one.work.erasing, film)
    return Planted(folder, await database_key(folder), sealed, plain)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended, and whether it had said that the film is erased."""

    code: int | None
    said: bool


def child(folder: Path, *tracing: str) -> Ended:
    """A child that is watched by strace from the moment it begins to erase."""
    ours, theirs = _processes.Pipe()
    process = _processes.Process(target=run, args=(folder, PASSPHRASE, theirs))
    process.start()
    theirs.close()
    assert ours.recv() == "unlocked"
    with subprocess.Popen([*strace(*tracing), "-p", str(process.pid)]) as watching:
        while _tracer(process.pid) == 0 and watching.poll() is None:
            time.sleep(0.005)
        ours.send("go")
        process.join()
    with ours:
        said = ours.poll() and _received(ours) == "erased"
    return Ended(process.exitcode, said)


def _tracer(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("TracerPid:")[2].split()[0])


def _received(ours: Connection) -> str:
    try:
        return str(ours.recv())
    except EOFError:
        return ""


def changes(planted: Planted, place: Path) -> list[tuple[str, int]]:
    """What an undisturbed child asks for until it says "erased": which call, and the how many of its kind."""
    trace = place.with_name("trace")
    assert child(planted.again(place), "-o", str(trace)) == Ended(0, said=True)
    asked = re.findall(r"^(\w+)\((.*)$", trace.read_text(), re.MULTILINE)
    names = [name for name, _ in asked]
    last = next(number for number, (name, what) in enumerate(asked) if name == "write" and "erased" in what)
    return list(zip(names, _ordinals(names), strict=True))[: last + 1]


def _ordinals(names: Iterable[str]) -> Iterator[int]:
    counts: Counter[str] = Counter()
    for name in names:
        counts[name] += 1
        yield counts[name]


def killed(planted: Planted, place: Path, call: str, at: int) -> list[str]:
    """Kill at this change, look, unlock, and look again; what is wrong."""
    done = child(planted.again(place), "-e", f"inject={call}:signal=KILL:when={at}", "-o", "/dev/null")
    assert done.code == -signal.SIGKILL
    wrong = asyncio.run(judged(planted, place, done.said))
    shutil.rmtree(place)
    return wrong


async def judged(planted: Planted, place: Path, said: bool) -> list[str]:
    wrong: list[str] = []
    (told,) = (await status(place, PASSPHRASE)).value["films"]  # type: ignore[misc]
    if told["state"] == "erased" and (await planted.left(place) or tree(place / "media")):
        wrong.append("called erased and is not")
    if said and told["state"] != "erased":
        wrong.append("said to be erased, and is not called so")
    async with unlocked(place) as app:
        work = work_of(app)
        (film,) = (await work.practice.everything())[0]
        plays = await playable(work, film)
    left, files = await planted.left(place), tree(place / "media")
    match film.state:
        case RecordingState.WHOLE:
            whole = plays and left == {planted.sealed} and files == tree(planted.folder / "media")
            wrong += [] if whole else ["called whole and is not"]
        case RecordingState.ERASED:
            wrong += ["its key is left"] if left else []
            wrong += ["a file is left"] if files else []
        case _:
            wrong.append(f"called {film.state} after an unlock")
    return wrong


async def playable(work: Work, film: Recording) -> bool:
    link = await work.playing.link(film.id)
    if not isinstance(link, PlayLink):
        return False
    return frames_of(work.playing._links[link.token].film) == film.parts[0].frames


def tried(planted: Planted, folder: Path, points: list[tuple[str, int]]) -> dict[str, list[str]]:
    wrong = {f"{call} {at}": killed(planted, folder / f"{call}-{at}", call, at) for call, at in points}
    return {point: words for point, words in wrong.items() if words}


@pytest.fixture(scope="module")
def points(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int]]:
    return changes(planted, tmp_path_factory.mktemp("undisturbed") / "vault")


def test_a_kill_at_some_of_the_changes(
    planted: Planted, points: list[tuple[str, int]], tmp_path: Path
) -> None:
    assert len(points) > 60
    assert tried(planted, tmp_path, sorted(random.Random(1).sample(points, SAMPLE))) == {}


@pytest.mark.long
def test_a_kill_at_every_change(planted: Planted, points: list[tuple[str, int]], tmp_path: Path) -> None:
    assert tried(planted, tmp_path, points) == {}


def test_the_judge_sees_a_film_that_is_called_erased_and_is_not(planted: Planted, tmp_path: Path) -> None:
    place = planted.again(tmp_path / "vault")

    async def lie() -> list[str]:
        async with unlocked(place) as app:
            store = work_of(app).erasing._opened.store
            await store.run(lambda tx: tx.execute("UPDATE recording SET state = 'erased'"))
        return await judged(planted, place, said=True)

    assert asyncio.run(lie()) == ["called erased and is not", "its key is left", "a file is left"]


def test_the_judge_sees_a_film_that_is_called_whole_and_is_not(planted: Planted, tmp_path: Path) -> None:
    place = planted.again(tmp_path / "vault")
    next((place / "media").glob("*.film")).unlink()
    assert asyncio.run(judged(planted, place, said=True)) == [
        "said to be erased, and is not called so",
        "called whole and is not",
    ]
