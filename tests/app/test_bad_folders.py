"""The films' folder as it should not be: each state has a name and a sentence, and nothing is deleted."""

import asyncio
import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import power
from tests.app.kit import Tablet, film, frames_of, send, tablet, tree, unlocked, work_of
from tests.app.test_recovering import interrupted
from tests.conftest import is_root
from vigfield.app import Idle, PlayLink, Work
from vigfield.errors import DiskFailed, Missing, VaultGone
from vigfield.model import Recording, RecordingState
from vigfield.rules import Reason, Refused
from vigfield.seal.disk import Disk
from vigfield.ui import refusals

NOBODY = 65534


def on(folder: Path, act: Callable[[Tablet], Awaitable[None]]) -> None:
    async def run() -> None:
        async with tablet(folder, anew=True) as one:
            await act(one)

    asyncio.run(run())


def after(folder: Path, look: Callable[[Work, list[Recording]], Awaitable[None]]) -> None:
    """At the next unlock."""

    async def run() -> None:
        async with unlocked(folder) as app:
            work = work_of(app)
            await look(work, (await work.practice.everything())[0])

    asyncio.run(run())


async def frames(work: Work, film: Recording) -> int:
    link = await work.playing.link(film.id)
    assert isinstance(link, PlayLink), link
    return frames_of(work.playing._links[link.token].film)


async def trouble(work: Work, film: Recording) -> Reason | None:
    return (await work.shelf.troubles([film], None)).get(film.id)


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Not a byte, not a name."""
    before = tree(folder)
    yield
    assert tree(folder) == before


@contextmanager
def as_somebody_else(folder: Path) -> Iterator[None]:
    """Without root's right to read everything; the vault is this somebody's."""
    if not is_root():
        yield
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def open_air() -> Iterator[Path]:
    """A folder that another user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="vig-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


# One film's file


def gone(film: Path) -> None:
    film.rename(film.with_name("away"))


def renamed(film: Path) -> None:
    film.rename(film.with_name(f"{'f' * 32}-001.film"))


def a_link(film: Path) -> None:
    film.rename(film.with_name("away"))
    film.symlink_to(film.with_name("away"))


def a_folder(film: Path) -> None:
    film.rename(film.with_name("away"))
    film.mkdir()


def a_pipe(film: Path) -> None:
    film.rename(film.with_name("away"))
    os.mkfifo(film)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (gone, Reason.MISSING),
        (renamed, Reason.MISSING),
        (a_link, Reason.DAMAGED),
        (a_folder, Reason.DAMAGED),
        (a_pipe, Reason.DAMAGED),
    ],
)
def test_a_film_whose_file_is_away_is_named_and_plays_again_when_it_is_back(
    tmp_path: Path, spoil: Callable[[Path], None], reason: Reason
) -> None:
    media = tmp_path / "vault" / "media"

    async def act(one: Tablet) -> None:
        await one.filmed()  # another one, so that the disk is there
        kept = await one.recording()
        await one.filmed(5)
        film = await one.recording()
        path = media / f"{film.id}-001.film"
        data = path.read_bytes()
        spoil(path)
        with unchanged(tmp_path / "vault" / "media"):
            assert await one.work.playing.link(film.id) == Refused(reason)
            assert await trouble(one.work, film) is reason
            assert await trouble(one.work, kept) is None
            assert await one.work.shelf.strangers() == sum(
                not path.name.startswith((film.id, kept.id)) for path in media.iterdir()
            )
            assert await frames(one.work, kept) == 12
        if path.is_dir():
            path.rmdir()
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        assert await frames(one.work, film) == 5
        assert await trouble(one.work, film) is None

    on(tmp_path / "vault", act)


def test_another_films_file_under_this_films_name_is_refused(tmp_path: Path) -> None:
    media = tmp_path / "vault" / "media"

    async def act(one: Tablet) -> None:
        first, second = await one.filmed(), await one.filmed(5)
        shutil.copy(media / f"{first}-001.film", media / f"{second}-001.film")
        with unchanged(media):
            assert await one.work.playing.link(second) == Refused(Reason.DAMAGED)

    on(tmp_path / "vault", act)


def test_films_of_another_vault_are_told_of_and_left_alone(tmp_path: Path) -> None:
    async def other(one: Tablet) -> None:
        await one.filmed()
        begun = await one.begin()
        await send(begun, 0, 5)
        begun._writer.abandon()
        one.work.filming._running = None

    on(tmp_path / "other", other)

    async def mine(one: Tablet) -> None:
        await one.filmed()
        assert await one.work.shelf.strangers() == 0

    on(tmp_path / "vault", mine)
    media = tmp_path / "vault" / "media"
    shutil.copytree(tmp_path / "other" / "media", media, dirs_exist_ok=True)
    (media / "notes.txt").write_text("dear")

    async def look(work: Work, films: list[Recording]) -> None:
        with unchanged(media):
            assert [film.state for film in films] == [RecordingState.WHOLE]
            assert await work.shelf.strangers() == 5  # film, index, part, tail; and the note
            assert await frames(work, films[0]) == 12

    with unchanged(media):
        after(tmp_path / "vault", look)


def test_a_film_that_may_not_be_read_is_named(open_air: Path) -> None:
    media = open_air / "vault" / "media"

    async def act(one: Tablet) -> None:
        await one.filmed()
        film = await one.recording()
        path = media / f"{film.id}-001.film"
        path.chmod(0o000)
        assert await one.work.playing.link(film.id) == Refused(Reason.UNREADABLE)
        assert await trouble(one.work, film) is Reason.UNREADABLE
        path.chmod(0o400)
        assert await frames(one.work, film) == 12

    with as_somebody_else(open_air):
        on(open_air / "vault", act)


@pytest.mark.root
def test_a_film_that_somebody_else_owns_is_named(open_air: Path) -> None:
    media = open_air / "vault" / "media"

    async def act(one: Tablet) -> None:
        await one.filmed()
        film = await one.recording()
        os.seteuid(0)
        os.chown(media / f"{film.id}-001.film", 0, 0)
        os.seteuid(NOBODY)
        assert await one.work.playing.link(film.id) == Refused(Reason.UNREADABLE)
        assert await trouble(one.work, film) is Reason.UNREADABLE

    with as_somebody_else(open_air):
        on(open_air / "vault", act)


def test_an_interrupted_film_that_may_not_be_written_waits(open_air: Path) -> None:
    media = open_air / "vault" / "media"

    async def look(work: Work, films: list[Recording]) -> None:
        assert [film.state for film in films] == [RecordingState.OPEN]
        assert await trouble(work, films[0]) is Reason.WAITING

    async def again(work: Work, films: list[Recording]) -> None:
        assert [film.state for film in films] == [RecordingState.INTERRUPTED]
        assert await frames(work, films[0]) == 7

    with as_somebody_else(open_air):
        interrupted(open_air / "vault")
        (part,) = media.glob("*.part")
        part.chmod(0o400)
        with unchanged(media):
            after(open_air / "vault", look)
        part.chmod(0o600)
        after(open_air / "vault", again)


# Interrupted films


def test_an_interrupted_film_that_is_away_is_recovered_when_it_is_back(tmp_path: Path) -> None:
    interrupted(tmp_path / "vault")
    media, away = tmp_path / "vault" / "media", tmp_path / "away"
    media.rename(away)

    async def look(work: Work, films: list[Recording]) -> None:
        assert [film.state for film in films] == [RecordingState.EMPTY]
        assert await trouble(work, films[0]) is Reason.NO_FILE

    for _ in range(2):
        after(tmp_path / "vault", look)
    media.rmdir()
    away.rename(media)

    async def again(work: Work, films: list[Recording]) -> None:
        assert (films[0].state, work.recovered) == (RecordingState.INTERRUPTED, 1)
        assert await trouble(work, films[0]) is None
        assert await frames(work, films[0]) == 7

    after(tmp_path / "vault", again)

    async def once_more(work: Work, films: list[Recording]) -> None:
        assert (films[0].state, work.recovered) == (RecordingState.INTERRUPTED, 0)

    after(tmp_path / "vault", once_more)


def test_an_interrupted_film_in_whose_place_another_file_was_is_recovered(
    tmp_path: Path,
) -> None:
    interrupted(tmp_path / "vault")
    (part,) = (tmp_path / "vault" / "media").glob("*.part")
    data = part.read_bytes()
    part.write_bytes(os.urandom(len(data)))

    async def look(work: Work, films: list[Recording]) -> None:
        assert [film.state for film in films] == [RecordingState.DAMAGED]

    with unchanged(part.parent):
        for _ in range(2):
            after(tmp_path / "vault", look)
    part.write_bytes(data)

    async def again(work: Work, films: list[Recording]) -> None:
        assert films[0].state is RecordingState.INTERRUPTED
        assert await frames(work, films[0]) == 7

    after(tmp_path / "vault", again)


def test_without_the_disk_of_the_films_none_of_them_is_called_empty(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await one.filmed()
        begun = await one.begin()
        await send(begun, 0, 5)
        begun._writer.abandon()
        one.work.filming._running = None

    on(tmp_path / "vault", act)
    media, away = tmp_path / "vault" / "media", tmp_path / "away"
    media.rename(away)

    async def look(work: Work, films: list[Recording]) -> None:
        whole, cut = films
        assert (whole.state, cut.state) == (RecordingState.WHOLE, RecordingState.OPEN)
        assert await work.shelf.troubles(films, None) == dict.fromkeys((whole.id, cut.id), Reason.DISK_GONE)
        assert await work.playing.link(whole.id) == Refused(Reason.DISK_GONE)

    after(tmp_path / "vault", look)
    media.rmdir()
    away.rename(media)

    async def again(work: Work, films: list[Recording]) -> None:
        assert [await frames(work, film) for film in films] == [12, 5]

    after(tmp_path / "vault", again)


# A disk that fails or goes away


def test_a_disk_that_fails_to_read_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        opened = await one.play(film)

        def fail(*_: object) -> bytes:
            raise OSError(errno.EIO, "as asked")

        with monkeypatch.context() as patch:
            patch.setattr(Disk, "read", fail)
            with pytest.raises(DiskFailed):
                opened.read(opened.size - 1, 1)
            assert await one.work.playing.link(film) == Refused(Reason.DISK_FAILED)
        assert frames_of(await one.play(film)) == 12

    on(tmp_path / "vault", act)


@pytest.mark.parametrize("code", [errno.EIO, errno.ENODEV, errno.ESTALE, errno.ENOENT, errno.ENXIO])
def test_a_film_whose_disk_keeps_failing_waits_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    interrupted(tmp_path / "vault")

    def fail(*_: object) -> None:
        raise OSError(code, "as asked")

    async def look(work: Work, films: list[Recording]) -> None:
        assert films[0].state is RecordingState.OPEN
        reason = await trouble(work, films[0])
        assert reason is Reason.WAITING
        assert "being made" not in refusals.REASONS[reason]

    with unchanged(tmp_path / "vault" / "media"), monkeypatch.context() as patch:
        patch.setattr(Disk, "sync_data", fail)
        after(tmp_path / "vault", look)

    async def again(work: Work, films: list[Recording]) -> None:
        assert await frames(work, films[0]) == 7

    after(tmp_path / "vault", again)


def test_a_folder_that_vanishes_in_mid_film_costs_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    media, away = tmp_path / "vault" / "media", tmp_path / "away"

    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        media.rename(away)
        with pytest.raises(Missing):
            begun.write([])
        await begun.lost()
        film = await one.recording()
        assert film.state is RecordingState.OPEN
        assert await trouble(one.work, film) is Reason.DISK_GONE
        assert await one.work.filming.link(one.session.id) == Refused(Reason.DISK_GONE)
        assert one.work.filming.minutes_left() is None
        away.rename(media)

    on(tmp_path / "vault", act)

    async def again(work: Work, films: list[Recording]) -> None:
        assert films[0].state is RecordingState.INTERRUPTED
        assert await frames(work, films[0]) == 5

    after(tmp_path / "vault", again)


def test_files_that_vanish_in_mid_film_are_waited_for(tmp_path: Path) -> None:
    media, away = tmp_path / "vault" / "media", tmp_path / "away"

    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        media.rename(away)
        media.mkdir()  # as under a disk that was mounted here
        await begun.lost()
        assert (await one.recording()).state is RecordingState.OPEN
        assert list(media.iterdir()) == []
        media.rmdir()
        away.rename(media)

    on(tmp_path / "vault", act)

    async def again(work: Work, films: list[Recording]) -> None:
        assert await frames(work, films[0]) == 5

    after(tmp_path / "vault", again)


def test_a_vault_that_went_away_is_not_taken_for_another_folder(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await one.app.lock()
        (tmp_path / "vault").rename(tmp_path / "away")
        for folder in (False, True):
            if folder:
                (tmp_path / "vault").mkdir()
            with pytest.raises(VaultGone):
                await one.app.unlock("whatever it is")
        assert list((tmp_path / "vault").iterdir()) == []
        (tmp_path / "vault").rmdir()
        (tmp_path / "away").rename(tmp_path / "vault")

    on(tmp_path / "vault", act)


@pytest.mark.root
@pytest.mark.parametrize("how", ["pulled", "unmounted"])
def test_a_disk_that_is_pulled_in_mid_film(tmp_path: Path, how: str) -> None:
    disk = tmp_path / "disk"
    power.make_disk(disk, 300_000_000)

    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        if how == "pulled":
            power.cut_power(disk)
        else:
            await asyncio.to_thread(subprocess.run, ["umount", "-l", disk], check=True)
        with pytest.raises(DiskFailed):
            await asyncio.to_thread(begun.write, [film()[1][5]])
        await begun.lost()
        assert one.work.filming.state == Idle()

    try:
        on(disk / "vault", act)
        power.restart(disk) if how == "pulled" else power.mount(disk)

        async def again(work: Work, films: list[Recording]) -> None:
            assert [film.state for film in films] == [RecordingState.INTERRUPTED]
            assert await frames(work, films[0]) >= 5

        after(disk / "vault", again)
    finally:
        power.unmount(disk)
