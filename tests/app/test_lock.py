"""What a lock takes away: the key, the database, the links, and every verb of the day."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.kit import (
    HELLO,
    NAMES,
    PASSPHRASE,
    Tablet,
    end,
    family_draft,
    send,
    tablet,
    unlocked,
    until,
    why,
    work_of,
)
from vigfield import clock
from vigfield.app import App, Door, Fresh, Locked, Open, PageWords, PlayLink, Throttled, Wrong
from vigfield.errors import Broken, DiskFull, VaultInUse
from vigfield.store import recordings


def on(folder: Path, act: Callable[[Tablet], object]) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)  # type: ignore[misc]

    asyncio.run(run())


def test_a_lock_drops_everything(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        work, key = one.work, one.work.filming._opened.recordings_key
        recording = await one.filmed()
        opened = await one.play(recording)
        playing = await work.playing.link(recording)
        assert isinstance(playing, PlayLink)
        camera = await one.link()
        await one.app.lock()
        assert one.app.state == Locked()
        with pytest.raises(Broken):
            key.reveal()
        with pytest.raises(Broken):
            opened.read(opened.size - 100, 100)
        assert one.app.claim(playing.token) is None
        assert one.app.media("") is None
        assert one.app.setup(camera) is None
        assert why(await one.app.begin(camera, HELLO)) == "locked"
        await _dead(one, recording)
        one.app.tell_soon()
        assert not one.app._tasks

    on(tmp_path, act)


async def _dead(one: Tablet, recording: object) -> None:
    practice, people, work = one.work.practice, one.work.people, one.work
    verbs: list[Callable[[], object]] = [
        lambda: practice.day(clock.today()),
        people.find,
        lambda: practice.visit(one.session.id),
        lambda: people.add(family_draft("SE-015")),
        practice.outbox,
        practice.everything,
        lambda: work.playing.link(recording),  # type: ignore[arg-type]
        lambda: work.filming.link(one.session.id),
    ]
    for verb in verbs:
        with pytest.raises(Broken):
            await verb()  # type: ignore[misc]


def test_after_a_lock_the_vault_opens_again_with_all_that_was_in_it(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        recording = await one.filmed()
        for _ in range(3):
            await one.app.lock()
            assert isinstance(await one.app.unlock("wrong"), Wrong)
            assert isinstance(await one.app.unlock(PASSPHRASE), Open)
            one.work = work_of(one.app)
            assert (await one.recording()).id == recording
            assert one.work.recovered == 0

    on(tmp_path, act)


def test_a_link_that_is_being_made_while_the_vault_locks_opens_nothing(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        recording = await one.filmed()
        linking = asyncio.create_task(one.work.playing.link(recording))
        await asyncio.sleep(0)
        await one.app.lock()
        await asyncio.wait({linking})
        assert not linking.cancelled()
        linking.exception()
        assert one.work.playing._links == {}
        assert one.work.playing._playing == {}

    on(tmp_path, act)


def test_no_film_is_opened_once_the_vault_is_being_locked(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        recording = await one.filmed()
        await one.work.playing.shut()
        with pytest.raises(Broken):
            await one.work.playing.link(recording)

    on(tmp_path, act)


def test_a_lock_that_meets_an_error_still_drops_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet) -> None:
        key = one.work.filming._opened.recordings_key

        async def failing() -> None:
            raise DiskFull("injected")

        monkeypatch.setattr(one.work.playing, "shut", failing)
        with pytest.raises(DiskFull):
            await one.app.lock()
        assert one.app.state == Locked()
        with pytest.raises(Broken):
            key.reveal()
        assert isinstance(await one.app.unlock(PASSPHRASE), Open)

    on(tmp_path, act)


def test_a_vault_whose_header_is_gone_can_still_be_locked(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        key = one.work.filming._opened.recordings_key
        (tmp_path / "vault" / "vault.json").unlink()
        await one.app.lock()
        assert one.app.state == Locked()
        with pytest.raises(Broken):
            key.reveal()

    on(tmp_path, act)


def test_a_film_that_cannot_be_written_down_does_not_keep_the_vault_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet) -> None:
        key = one.work.filming._opened.recordings_key
        begun = await one.begin()
        await send(begun, 0, 5)

        def full(*_: object) -> None:
            raise DiskFull("injected")

        monkeypatch.setattr(recordings, "close_part", full)
        await one.app.close()
        assert one.app.state == Locked()
        with pytest.raises(Broken):
            key.reveal()

    on(tmp_path, act)


def test_a_listener_that_fails_stops_neither_film_nor_lock(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        def failing() -> None:
            raise RuntimeError("a closed tab")

        deaf = one.app.listen(failing)
        seen: list[object] = []
        one.app.listen(lambda: seen.append(one.app.state))
        await one.filmed()
        await one.app.lock()
        assert seen[-1] == Locked()
        deaf()

    on(tmp_path, act)


def test_the_screens_hear_of_a_lock_before_its_work_is_done(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        seen: list[tuple[object, bool]] = []
        one.app.listen(lambda: seen.append((one.app.state, one.app._work is None)))
        await one.app.lock()
        assert seen[0] == (Locked(), False)

    on(tmp_path, act)


def test_the_tablet_locks_when_nobody_touches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = 0.0
    real = clock.monotonic
    monkeypatch.setattr(clock, "monotonic", lambda: real() + ahead)
    monkeypatch.setattr("vigfield.app.app.asyncio.sleep", _soon(asyncio.sleep))

    async def act(one: Tablet) -> None:
        nonlocal ahead
        watching = asyncio.create_task(one.app.watch())
        begun = await one.begin()
        ahead += 10_000
        for _ in range(20):
            await asyncio.sleep(0)
        assert isinstance(one.app.state, Open)  # filming counts as touching
        await begun.finish(end(begun, 0))
        ahead += 299
        for _ in range(20):
            await asyncio.sleep(0)
        assert isinstance(one.app.state, Open)
        ahead += 2
        await until(lambda: one.app.state == Locked())
        watching.cancel()

    on(tmp_path, act)


def _soon(real: Callable[[float], object]) -> Callable[[float], object]:
    return lambda seconds: real(min(seconds, 0.001))


def test_creating_and_unlocking_through_the_app(tmp_path: Path) -> None:
    async def run() -> None:
        door = Door(tmp_path / "vault", demo=False)
        app = App(door, PageWords({}, {}), None)
        assert app.state == Fresh()
        assert app.setup("x") is None
        assert app.claim("x") is None
        assert why(await app.begin("x", HELLO)) == "locked"
        await app.lock()
        assert app.state == Fresh()
        first, second = await asyncio.gather(
            app.create(PASSPHRASE), app.create("another fine long passphrase"), return_exceptions=True
        )
        assert isinstance(first, Open)
        assert isinstance(second, VaultInUse)
        await app.lock()
        outcomes = await asyncio.gather(*(app.unlock("wrong") for _ in range(12)))
        assert [type(outcome) for outcome in outcomes] == [Wrong] * 10 + [Throttled] * 2
        await app.close()
        await app.close()

    asyncio.run(run())


def test_a_demonstration_has_families_and_a_real_vault_has_none(tmp_path: Path) -> None:
    async def run(folder: Path, demo: bool) -> int:
        app = App(Door(folder, demo), PageWords({}, {}), None)
        assert isinstance(await app.create(PASSPHRASE), Open)
        assert app.demo is demo
        visits = await work_of(app).practice.day(clock.today())
        await app.close()
        return len(visits)

    assert asyncio.run(run(tmp_path / "demo", True)) == 3
    assert asyncio.run(run(tmp_path / "real", False)) == 0


def test_an_unlock_that_fails_half_way_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with unlocked(tmp_path / "vault") as app:
            await app.lock()
            with monkeypatch.context() as patch:
                patch.setattr(recordings, "all", _full)
                with pytest.raises(DiskFull):
                    await app.unlock(PASSPHRASE)
            assert app.state == Locked()
            assert isinstance(await app.unlock(PASSPHRASE), Open)

    asyncio.run(run())


def _full(*_: object) -> None:
    raise DiskFull("injected")


def test_logs_hold_no_names(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def act(one: Tablet) -> None:
        recording = await one.filmed()
        await one.play(recording)
        await one.app.lock()
        await one.app.unlock("wrong " + NAMES[0])
        await one.app.unlock(PASSPHRASE)

    with caplog.at_level(logging.DEBUG):
        on(tmp_path, act)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert logged
    assert [name for name in (*NAMES, PASSPHRASE) if name in logged] == []
