"""Filming from link to sealed film: what is asked before, what is said after, every way to be cut short."""

import asyncio
import contextlib
import errno
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.app.kit import (
    HELLO,
    PASSPHRASE,
    Tablet,
    consent_draft,
    end,
    family_of,
    film,
    films,
    frames_of,
    part,
    send,
    tablet,
    unlocked,
    until,
    why,
    work_of,
)
from vigfield import clock
from vigfield.app import Covered, FilmLink, Idle, Locked, Open, PlayLink, Running, Wrong, filming
from vigfield.errors import Broken, Damaged, DiskFull, KeepEvidence, VigfieldError
from vigfield.model import ConsentStatus, RecordingState, Scope, SessionStatus
from vigfield.rules import STOP_FREE_BYTES, Reason, Refused
from vigfield.seal.disk import DISK, Disk
from vigfield.store import consents, recordings

Act = Callable[[Tablet], Awaitable[None]]


def on(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


class Space(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How much room the disk claims to have; tests change it."""
    space = {"free": 10**12}
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Space(10**12, 0, space["free"]))
    return space


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filming, "GRACE_SECONDS", 0.0)


async def given_up(one: Tablet) -> None:
    """Until no film is made any more, and what became of the last one is written down."""
    await until(lambda: isinstance(one.work.filming.state, Idle))
    async with one.work.filming._turn:
        pass


# A film from beginning to end


def test_a_film_is_whole_described_and_plays(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        recording = await one.filmed()
        found = await one.recording()
        assert (found.id, found.state, found.consent) == (recording, RecordingState.WHOLE, one.consent.id)
        assert [p.frames for p in found.parts] == [12]
        assert found.seconds == pytest.approx(12 / 25)
        assert found.quality.events == ((0.5, "sound-lost"),)
        visit = await one.work.practice.visit(one.session.id)
        assert visit.session.status is SessionStatus.TOOK_PLACE
        assert frames_of(await one.play(recording)) == 12
        names = {path.suffix for path in (tmp_path / "vault" / "media").iterdir()}
        assert names == {".film", ".index"}

    on(tmp_path, act)


def test_the_key_is_in_the_database_before_the_first_byte_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[tuple[int, int]] = []
    create = Disk.create

    async def act(one: Tablet) -> None:
        store = one.work.filming._opened.store

        def watched(disk: Disk, path: Path) -> int:
            rows = store.run_sync(
                lambda tx: [
                    (len(r.parts), len(recordings.wrapped_key(tx, r.id) or b"")) for r in recordings.all(tx)
                ]
            )
            known.extend(rows)
            return create(disk, path)

        monkeypatch.setattr(Disk, "create", watched)
        await one.begin()
        assert known
        assert all(parts == 1 and key > 32 for parts, key in known)

    on(tmp_path, act)


def test_nothing_filmed_is_empty_and_the_session_has_not_taken_place(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        for frames in (None, 0):  # not a byte, and a film without a picture
            begun = await one.begin()
            if frames is not None:
                await send(begun, frames=0)
            await begun.finish(end(begun, 0))
            found = await one.recording()
            assert found.state is RecordingState.EMPTY
            assert await one.work.playing.link(found.id) == Refused(Reason.NOTHING_FILMED)
        visit = await one.work.practice.visit(one.session.id)
        assert visit.session.status is SessionStatus.BOOKED
        assert len(visit.films) == 2

    on(tmp_path, act)


# Who may film


def test_no_link_without_consent(tmp_path: Path) -> None:
    async def run() -> None:
        async with unlocked(tmp_path / "vault") as app:
            work = work_of(app)
            family, session = await family_of(work)
            assert await work.filming.link(session.id) == Refused(Reason.NO_CONSENT)
            await work.consenting.give(consent_draft(family, session.id, Scope.STILLS))
            assert await work.filming.link(session.id) == Refused(Reason.SCOPE_REFUSED)
            assert list((tmp_path / "vault" / "media").iterdir()) == []

    asyncio.run(run())


def test_consent_that_is_gone_between_link_and_begin_stops_the_film(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        token = await one.link()
        withdrawn = replace(one.consent, version=2, status=ConsentStatus.WITHDRAWN)
        await one.work.filming._opened.store.run(lambda tx: consents.add(tx, withdrawn, clock.now()))
        assert why(await one.app.begin(token, HELLO)) == Reason.WITHDRAWN.value
        visit = await one.work.practice.visit(one.session.id)
        assert visit.films == ()
        assert list((tmp_path / "vault" / "media").iterdir()) == []

    on(tmp_path, act)


def test_one_film_at_a_time_and_a_token_once(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        old = await one.link()
        token = await one.link()
        assert why(await one.app.begin(old, HELLO)) == "token"
        begun = part(await one.app.begin(token, HELLO))
        assert why(await one.app.begin(token, HELLO)) == "token"
        assert why(await one.app.begin("", HELLO)) == "token"
        assert why(await one.app.begin(begun.next_token, HELLO)) == "token"  # its link is up
        assert await one.work.filming.link(one.session.id) == Refused(Reason.ALREADY_FILMING)
        await begun.finish(end(begun, 0))
        assert isinstance(await one.work.filming.link(one.session.id), FilmLink)

    on(tmp_path, act)


def test_two_pages_with_one_token_at_the_same_moment_make_one_film(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        token = await one.link()
        begun = await asyncio.gather(*(one.app.begin(token, HELLO) for _ in range(4)))
        assert sorted(type(each).__name__ for each in begun) == ["FilmPart", "NoFilm", "NoFilm", "NoFilm"]

    on(tmp_path, act)


def test_setup_says_what_the_page_needs_and_uses_nothing_up(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        assert one.app.setup("no such token") is None
        token = await one.link()
        said = one.app.setup(token)
        assert said is not None
        assert (said["width"], said["height"], said["fps"], said["words"]) == (1280, 720, 25, {"a": "b"})
        begun = part(await one.app.begin(token, HELLO))
        assert one.app.setup(token) is None
        assert one.app.setup(begun.next_token) is not None

    on(tmp_path, act)


# Room


def test_a_full_disk_at_the_beginning(tmp_path: Path, room: dict[str, int]) -> None:
    async def act(one: Tablet) -> None:
        token = await one.link()
        room["free"] = 199_999_999
        assert await one.work.filming.link(one.session.id) == Refused(Reason.DISK_FULL)
        assert why(await one.app.begin(token, HELLO)) == Reason.DISK_FULL.value
        room["free"] = 200_000_000
        await one.begin()

    on(tmp_path, act)


def test_the_page_is_asked_to_stop_at_the_floor(tmp_path: Path, room: dict[str, int]) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        head, fragments = film()
        room["free"] = STOP_FREE_BYTES
        assert not begun.write([head]).stop
        room["free"] = STOP_FREE_BYTES - 1
        written = begun.write([fragments[0]])
        assert written.stop
        assert written.free == STOP_FREE_BYTES - 1
        await begun.finish(end(begun, 1))
        assert (await one.recording()).state is RecordingState.WHOLE

    on(tmp_path, act)


def test_the_longest_film_is_counted_over_all_its_parts(tmp_path: Path, room: dict[str, int]) -> None:
    async def act(one: Tablet) -> None:
        inforce = one.work.enrolling.inforce
        inforce.default = replace(inforce.default, longest_seconds=10 / 25)
        begun = await one.begin()
        head, fragments = film()
        assert [begun.write([message]).stop for message in (head, *fragments[:5])] == [False] * 6
        await begun.lost()
        second = part(await one.app.begin(begun.next_token, HELLO))
        stops = [second.write([message]).stop for message in (head, *fragments[5:])]
        assert stops == [False] * 5 + [True] * 3

    on(tmp_path, act)


def test_minutes_left_are_those_above_the_floor(tmp_path: Path, room: dict[str, int]) -> None:
    async def act(one: Tablet) -> None:
        room["free"] = STOP_FREE_BYTES
        assert one.work.filming.minutes_left() == 0
        room["free"] = STOP_FREE_BYTES + 10 * 60 * 2_628_000 // 8
        assert one.work.filming.minutes_left() == 10

    on(tmp_path, act)


# The link


def test_a_film_goes_on_after_a_lost_link_and_is_whole(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        begun.note({"delivered": 5, "encoded": 5, "dropped": 0, "events": []})
        await begun.lost()
        state = one.work.filming.state
        assert isinstance(state, Running)
        assert not state.linked
        second = part(await one.app.begin(begun.next_token, HELLO))
        assert second.quality.encoded == 5  # until the page says more
        assert why(await one.app.begin(begun.next_token, HELLO)) == "token"
        await send(second, 5, 7)
        await second.finish(end(second))
        found = await one.recording()
        assert found.state is RecordingState.WHOLE
        assert [(p.number, p.state, p.frames) for p in found.parts] == [
            (1, RecordingState.INTERRUPTED, 5),
            (2, RecordingState.WHOLE, 7),
        ]
        opened = await one.play(found.id)
        assert frames_of(opened) == 12
        assert opened.index["seconds"] == pytest.approx(12 / 25)

    on(tmp_path, act)


@pytest.mark.usefixtures("no_grace")
def test_a_page_that_does_not_come_back_leaves_an_interrupted_film(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        await begun.lost()
        await given_up(one)
        assert why(await one.app.begin(begun.next_token, HELLO)) == "token"
        found = await one.recording()
        assert (found.state, found.parts[0].frames) == (RecordingState.INTERRUPTED, 5)
        assert frames_of(await one.play(found.id)) == 5
        visit = await one.work.practice.visit(one.session.id)
        assert visit.session.status is SessionStatus.TOOK_PLACE

    on(tmp_path, act)


def test_a_film_whose_camera_came_back_is_whole(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        await begun.finish(replace(end(begun), more=True))
        state = one.work.filming.state
        assert isinstance(state, Running)
        assert not state.linked
        second = part(await one.app.begin(begun.next_token, HELLO))
        await send(second, 5, 7)
        await second.finish(end(second))
        found = await one.recording()
        assert found.state is RecordingState.WHOLE
        assert [(p.state, p.frames) for p in found.parts] == [
            (RecordingState.WHOLE, 5),
            (RecordingState.WHOLE, 7),
        ]
        assert frames_of(await one.play(found.id)) == 12

    on(tmp_path, act)


@pytest.mark.usefixtures("no_grace")
def test_a_film_that_was_to_go_on_and_did_not_is_interrupted(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        await begun.finish(replace(end(begun), more=True))
        await given_up(one)
        found = await one.recording()
        assert found.state is RecordingState.INTERRUPTED
        assert [(p.state, p.frames) for p in found.parts] == [(RecordingState.WHOLE, 5)]

    on(tmp_path, act)


@pytest.mark.usefixtures("no_grace")
def test_a_page_that_comes_back_at_the_last_moment_films_on_or_is_refused(tmp_path: Path) -> None:
    """Whoever comes first, page or patience: never a recording that is closed beside a part that is open."""

    async def act(one: Tablet) -> None:
        for pauses in range(12):
            begun = await one.begin()
            await send(begun, 0, 2)
            await begun.lost()
            for _ in range(pauses):
                await asyncio.sleep(0)
            again = await one.app.begin(begun.next_token, HELLO)
            if hasattr(again, "write"):
                second = part(again)
                await send(second, 2, 2)
                await second.finish(end(second))
            await given_up(one)
            found = await one.recording()
            assert all(p.state is not RecordingState.OPEN for p in found.parts)
            assert (len(found.parts), found.state) in (
                (1, RecordingState.INTERRUPTED),
                (2, RecordingState.WHOLE),
            )

    on(tmp_path, act)


def test_a_part_ends_once(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 3)
        await begun.finish(end(begun))
        before = await one.recording()
        await begun.lost()
        with pytest.raises(Broken):
            await begun.finish(end(begun))
        with pytest.raises(KeepEvidence):
            begun.write([film()[1][3]])
        assert await one.recording() == before
        assert isinstance(one.work.filming.state, Idle)

    on(tmp_path, act)


# Locking and leaving while filming


def test_a_lock_while_filming_covers_the_app_until_the_film_ends(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        await one.app.lock()
        assert one.app.state == Covered()
        await one.app.lock()
        assert one.app.state == Covered()
        assert why(await one.app.begin("another", HELLO)) == "token"
        for message in film()[1][5:]:
            await asyncio.to_thread(begun.write, [message])
        await begun.finish(end(begun))
        await until(lambda: isinstance(one.app.state, Locked) and one.app._work is None)
        assert isinstance(await one.app.unlock(PASSPHRASE), Open)
        one.work = work_of(one.app)
        found = await one.recording()
        assert (found.state, found.parts[0].frames) == (RecordingState.WHOLE, 12)

    on(tmp_path, act)


@pytest.mark.usefixtures("no_grace")
def test_a_film_under_cover_whose_page_is_gone_locks_in_the_end(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        await one.app.lock()
        await begun.lost()
        await until(lambda: isinstance(one.app.state, Locked) and one.app._work is None)

    on(tmp_path, act)
    found = asyncio.run(films(tmp_path / "vault"))
    assert [each.state for each in found] == [RecordingState.INTERRUPTED]


def test_unlocking_under_cover_needs_the_passphrase_and_leaves_the_film_alone(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        await one.app.lock()
        assert isinstance(await one.app.unlock("wrong"), Wrong)
        assert one.app.state == Covered()
        assert await one.app.unlock(PASSPHRASE) == Open(one.work)
        assert isinstance(one.work.filming.state, Running)
        await begun.finish(end(begun))
        assert isinstance(one.app.state, Open)
        assert (await one.recording()).state is RecordingState.WHOLE

    on(tmp_path, act)


def test_a_film_that_ends_while_the_passphrase_is_checked_locks_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        await one.app.lock()
        checked, ended = asyncio.Event(), asyncio.Event()
        verify = one.app._door.verify

        async def slowly(passphrase: str) -> object:
            verdict = await verify(passphrase)
            checked.set()
            await ended.wait()
            return verdict

        monkeypatch.setattr(one.app._door, "verify", slowly)
        unlocking = asyncio.create_task(one.app.unlock(PASSPHRASE))
        await checked.wait()
        await begun.finish(end(begun))
        ended.set()
        assert isinstance(await unlocking, Open)
        for task in tuple(one.app._tasks):
            await task
        assert isinstance(one.app.state, Open)
        one.work = work_of(one.app)
        assert (await one.recording()).state is RecordingState.WHOLE

    on(tmp_path, act)


def test_stopping_the_process_seals_the_film(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        await one.app.close()
        assert isinstance(one.app.state, Locked)
        with pytest.raises(KeepEvidence):
            begun.write([film()[1][5]])
        await begun.lost()
        assert why(await one.app.begin(begun.next_token, HELLO)) == "locked"
        assert {path.suffix for path in (tmp_path / "vault" / "media").iterdir()} == {".film", ".index"}

    on(tmp_path, act)

    async def look() -> None:
        async with unlocked(tmp_path / "vault") as app:
            assert work_of(app).recovered == 0
            found = (await work_of(app).practice.everything())[0][0]
            assert (found.state, found.parts[0].frames) == (RecordingState.INTERRUPTED, 5)
            assert frames_of(await Tablet(app, work_of(app), *[None] * 3).play(found.id)) == 5  # type: ignore[arg-type]

    asyncio.run(look())


def test_stopping_the_process_while_the_page_sends_never_cuts_a_message(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        head, fragments = film()
        acknowledged = 0

        def sending() -> None:
            nonlocal acknowledged
            with contextlib.suppress(KeepEvidence):
                for message in (head, *fragments):
                    acknowledged = begun.write([message]).bytes

        page = asyncio.create_task(asyncio.to_thread(sending))
        await until(lambda: acknowledged > 0)
        await one.app.close()
        await page
        assert begun.value.bytes >= acknowledged > 0

    on(tmp_path, act)
    found = asyncio.run(films(tmp_path / "vault"))
    assert [each.state for each in found] in ([RecordingState.INTERRUPTED], [RecordingState.EMPTY])


def test_under_cover_no_film_plays(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        recording = await one.filmed()
        opened = await one.play(recording)
        link = await one.work.playing.link(recording)
        assert isinstance(link, PlayLink)
        begun = await one.begin()
        await one.app.lock()
        assert one.app.state == Covered()
        assert one.app.claim(link.token) is None
        with pytest.raises(Broken):
            opened.read(opened.size - 1, 1)
        assert await one.app.unlock(PASSPHRASE) == Open(one.work)
        assert one.app.claim(link.token) is None
        await begun.finish(end(begun, 0))

    on(tmp_path, act)


def test_no_film_begins_once_the_vault_is_being_locked(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        token = await one.link()
        await one.work.filming.close()
        assert why(await one.work.filming.begin(token, HELLO)) == "locked"

    on(tmp_path, act)


def test_locking_while_a_film_begins_leaves_nothing_half_open(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        token = await one.link()
        begun, _ = await asyncio.gather(one.app.begin(token, HELLO), one.app.close())
        assert isinstance(one.app.state, Locked)
        if hasattr(begun, "write"):
            with pytest.raises(KeepEvidence):
                part(begun).write([film()[0]])

    on(tmp_path, act)
    assert all(each.state is RecordingState.EMPTY for each in asyncio.run(films(tmp_path / "vault")))


# A failing disk


class Faults:
    """Makes one kind of call to the disk fail, once armed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, call: str, error: int) -> None:
        self.armed = False
        real = getattr(Disk, call)

        def maybe(disk: Disk, *arguments: object) -> object:
            if self.armed and disk is DISK:
                raise OSError(error, "injected")
            return real(disk, *arguments)

        monkeypatch.setattr(Disk, call, maybe)


@pytest.mark.parametrize(("error", "kind"), [(errno.ENOSPC, DiskFull), (errno.EIO, Damaged)])
@pytest.mark.parametrize("call", ["write", "sync_data"])
def test_a_disk_that_fails_in_mid_film_loses_nothing_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: int, kind: type[VigfieldError]
) -> None:
    async def act(one: Tablet) -> None:
        faults = Faults(monkeypatch, call, error)
        begun = await one.begin()
        await send(begun, 0, 7)
        faults.armed = True
        with pytest.raises(kind):
            begun.write([film()[1][7]])
        faults.armed = False
        await begun.lost()  # as the intake does; the disk works again
        assert isinstance(one.work.filming.state, Idle)
        found = await one.recording()
        assert found.state is RecordingState.INTERRUPTED
        assert found.parts[0].frames >= 7
        assert frames_of(await one.play(found.id)) >= 7

    on(tmp_path, act)


@pytest.mark.parametrize("call", ["write", "sync_data", "create", "rename", "sync_folder"])
def test_a_disk_that_stays_broken_leaves_the_film_for_the_next_unlock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    faults = Faults(monkeypatch, call, errno.EIO)

    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 7)
        faults.armed = True
        await begun.lost()
        await one.app.close()

    on(tmp_path, act)
    faults.armed = False
    found = asyncio.run(films(tmp_path / "vault"))
    assert [(each.state, each.parts[0].frames) for each in found] == [(RecordingState.INTERRUPTED, 7)]


@pytest.mark.parametrize("part_number", [1, 2])
@pytest.mark.parametrize("call", ["create", "write"])
def test_a_part_that_cannot_be_begun_ends_the_film_and_blocks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, part_number: int
) -> None:
    faults = Faults(monkeypatch, call, errno.ENOSPC)

    async def act(one: Tablet) -> None:
        token = await one.link()
        if part_number == 2:
            begun = part(await one.app.begin(token, HELLO))
            await send(begun, 0, 7)
            await begun.lost()
            token = begun.next_token
        faults.armed = True
        with pytest.raises(DiskFull):
            await one.app.begin(token, HELLO)
        faults.armed = False
        assert isinstance(one.work.filming.state, Idle)
        found = await one.recording()
        assert found.state is (RecordingState.EMPTY if part_number == 1 else RecordingState.INTERRUPTED)
        assert all(p.state is not RecordingState.OPEN for p in found.parts)
        assert await one.filmed()
        await one.app.lock()
        assert isinstance(one.app.state, Locked)

    on(tmp_path, act)


def test_a_second_part_after_a_broken_first_never_calls_the_film_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet) -> None:
        faults = Faults(monkeypatch, "rename", errno.EIO)
        begun = await one.begin()
        await send(begun, 0, 7)
        faults.armed = True
        await begun.lost()
        faults.armed = False
        assert why(await one.app.begin(begun.next_token, HELLO)) == "token"
        assert (await one.recording()).state is not RecordingState.WHOLE

    on(tmp_path, act)


def test_an_index_that_cannot_be_kept_interrupts_no_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise DiskFull("injected")

    monkeypatch.setattr("vigfield.app.closing.seal_file", failing)

    async def act(one: Tablet) -> None:
        recording = await one.filmed()
        assert (await one.recording()).state is RecordingState.WHOLE
        assert frames_of(await one.play(recording)) == 12

    on(tmp_path, act)


def test_a_film_whose_end_cannot_be_written_down_is_found_at_the_next_unlock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun)
        with monkeypatch.context() as patch:
            patch.setattr(recordings, "close", _full)
            with pytest.raises(DiskFull):
                await begun.finish(end(begun))
        await begun.lost()
        assert isinstance(one.work.filming.state, Idle)
        assert (await one.recording()).state is RecordingState.OPEN

    on(tmp_path, act)
    found = asyncio.run(films(tmp_path / "vault"))
    assert [(each.state, each.parts[0].frames) for each in found] == [(RecordingState.INTERRUPTED, 12)]


def _full(*_: object) -> None:
    raise DiskFull("injected")
