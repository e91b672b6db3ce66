"""What is left of a film after the process died, at any point and again: all that was acknowledged."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.child import FRAMES
from tests.app.kit import HELLO, Tablet, film, frames_of, send, tablet, tree, unlocked, work_of
from vigfield.app import Work
from vigfield.model import Recording, RecordingState, SessionStatus
from vigfield.rules import Reason, Refused
from vigfield.seal.segments import SEGMENT_BYTES
from vigfield.store import recordings
from vigfield.ui import qualitywords

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10


def kill_while_filming(folder: Path, fragments: int) -> int:
    """Kill a process after this acknowledgement or soon after; returns the last one that was said."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.app.child", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child:
        for line in child.stdout:
            if line.split() == ["acknowledged", str(fragments)]:
                break
        child.kill()
        rest = child.stdout.read().split()
    return int(rest[-1]) if rest and rest[-1].isdigit() else fragments


def after(folder: Path, look: Callable[[Work, Recording], object]) -> None:
    """At the next unlock, with the one film there is."""

    async def run() -> None:
        async with unlocked(folder) as app:
            work = work_of(app)
            (found,), _, _ = await work.practice.everything()
            await look(work, found)  # type: ignore[misc]

    asyncio.run(run())


async def playable(work: Work, found: Recording) -> int:
    link = await work.playing.link(found.id)
    return frames_of(work.playing._links[link.token].film)  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_film_has_everything_that_was_acknowledged(tmp_path: Path, seed: int) -> None:
    acknowledged = kill_while_filming(tmp_path / "vault", random.Random(seed).randint(1, FRAMES))

    async def look(work: Work, found: Recording) -> None:
        assert work.recovered == 1
        assert found.state is RecordingState.INTERRUPTED
        assert acknowledged <= found.parts[0].frames <= FRAMES
        assert await playable(work, found) == found.parts[0].frames
        visit = await work.practice.visit(found.session)
        assert visit.session.status is SessionStatus.TOOK_PLACE

    after(tmp_path / "vault", look)


def test_killed_before_the_first_picture_is_an_empty_film(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            begun = await one.begin()
            await send(begun, 0, 0)
            await die(one)

    asyncio.run(run())

    async def look(work: Work, found: Recording) -> None:
        assert (found.state, work.recovered) == (RecordingState.EMPTY, 0)
        visit = await work.practice.visit(found.session)
        assert visit.session.status is SessionStatus.BOOKED

    after(tmp_path / "vault", look)


async def die(one: Tablet) -> None:
    """End as a killed process does, as far as the files go: nothing is closed by anybody."""
    work = one.work
    if work.filming._running is not None and work.filming._running.part is not None:
        work.filming._running.part._writer.abandon()
    work.filming._running = None
    await one.app.lock()


def interrupted(folder: Path, frames: int = 7) -> None:
    async def run() -> None:
        async with tablet(folder) as one:
            begun = await one.begin()
            await send(begun, 0, frames)
            await die(one)

    asyncio.run(run())


def test_recovering_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    interrupted(tmp_path / "vault")
    media = tmp_path / "vault" / "media"
    seen: list[tuple[Recording, dict[str, bytes]]] = []

    async def look(work: Work, found: Recording) -> None:
        seen.append((found, tree(media)))
        await work.filming._opened.store.run(reopened(found))

    for _ in range(3):
        after(tmp_path / "vault", look)
    assert len({found for found, _ in seen}) == 1
    films = [{name: data for name, data in files.items() if name.endswith(".film")} for _, files in seen]
    assert films[0] == films[1] == films[2]
    assert len(films[0]) == 1


def reopened(found: Recording) -> Callable[[recordings.Tx], None]:
    """As if the process had died after the files were closed and before the database knew."""

    def reopen(tx: recordings.Tx) -> None:
        tx.execute("UPDATE recording SET state = 'open' WHERE id = ?", found.id)
        tx.execute("UPDATE part SET state = 'open' WHERE recording = ?", found.id)

    return reopen


def test_one_film_that_cannot_be_recovered_keeps_no_other_and_no_unlock_waiting(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            for _ in range(3):
                begun = await one.begin()
                await send(begun, 0, 7)
                begun._writer.abandon()
                one.work.filming._running = None

    asyncio.run(run())
    spoiled = sorted((tmp_path / "vault" / "media").glob("*.part"))[1]
    data = bytearray(spoiled.read_bytes())
    data[:60] = bytes(60)
    spoiled.write_bytes(data)
    before = {spoiled.name: spoiled.read_bytes(), "tail": spoiled.with_suffix(".tail").read_bytes()}

    async def look() -> None:
        async with unlocked(tmp_path / "vault") as app:
            work = work_of(app)
            found, _, _ = await work.practice.everything()
            states = {film.id: film.state for film in found}
            assert sorted(states.values()) == ["damaged", "interrupted", "interrupted"]
            (damaged,) = (id_ for id_, state in states.items() if state is RecordingState.DAMAGED)
            assert spoiled.name.startswith(damaged)
            assert await work.playing.link(damaged) == Refused(Reason.DAMAGED)

    asyncio.run(look())
    kept = {spoiled.name: spoiled.read_bytes(), "tail": spoiled.with_suffix(".tail").read_bytes()}
    assert kept == before


@pytest.mark.parametrize("lost", [True, False])
def test_a_lost_journal_is_told_of_where_the_film_ends(tmp_path: Path, lost: bool) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            begun = await one.begin()
            head, fragments = film(600)
            await asyncio.to_thread(begun.write, [head, *fragments])
            assert begun._writer.length > SEGMENT_BYTES
            await die(one)

    asyncio.run(run())
    (journal,) = (tmp_path / "vault" / "media").glob("*.tail")
    if lost:
        journal.write_bytes(bytes(journal.stat().st_size))

    async def look() -> list[tuple[float, str]]:
        async with unlocked(tmp_path / "vault") as app:
            [found], _, _ = await work_of(app).practice.everything()
            assert found.state is RecordingState.INTERRUPTED
            assert found.quality.events == (((round(found.seconds, 2), "end-lost"),) if lost else ())
            assert len(qualitywords.sentences(found)) == lost
            return list(found.quality.events)

    assert asyncio.run(look()) == asyncio.run(look())


def test_a_film_whose_key_was_altered_is_damaged_and_the_vault_opens(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            begun = await one.begin()
            await send(begun, 0, 7)
            store = one.work.filming._opened.store
            await store.run(lambda tx: tx.execute("UPDATE recording SET wrapped_key = zeroblob(60)"))
            await die(one)

    asyncio.run(run())

    async def look(work: Work, found: Recording) -> None:
        assert found.state is RecordingState.DAMAGED

    after(tmp_path / "vault", look)


def test_a_film_whose_file_is_gone_is_empty(tmp_path: Path) -> None:
    interrupted(tmp_path / "vault")
    for path in (tmp_path / "vault" / "media").iterdir():
        path.unlink()

    async def look(work: Work, found: Recording) -> None:
        assert found.state in (RecordingState.EMPTY, RecordingState.DAMAGED)

    after(tmp_path / "vault", look)


def test_a_disk_without_room_does_not_keep_the_vault_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(tmp_path / "vault")

    def full(*_: object) -> None:
        raise recordings.Unknown("injected")

    async def look(work: Work, found: Recording) -> None:
        assert (found.state, work.recovered) == (RecordingState.OPEN, 0)
        assert await work.playing.link(found.id) == Refused(Reason.STILL_FILMING)

    with monkeypatch.context() as patch:
        patch.setattr(recordings, "close_part", full)
        after(tmp_path / "vault", look)

    async def again(work: Work, found: Recording) -> None:
        assert (found.state, await playable(work, found)) == (RecordingState.INTERRUPTED, 7)

    after(tmp_path / "vault", again)


def test_the_parts_that_were_closed_stay_as_they_are(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            await one.filmed()
            begun = await one.begin()
            await send(begun, 0, 5)
            await begun.lost()
            second = await one.app.begin(begun.next_token, HELLO)
            await send(second, 5, 4)  # type: ignore[arg-type]
            await die(one)

    asyncio.run(run())

    async def look() -> None:
        async with unlocked(tmp_path / "vault") as app:
            work = work_of(app)
            whole, cut = (await work.practice.everything())[0]
            assert (whole.state, cut.state) == (RecordingState.WHOLE, RecordingState.INTERRUPTED)
            assert [part.frames for part in cut.parts] == [5, 4]
            assert await playable(work, cut) == 9
            assert work.recovered == 1

    asyncio.run(look())
