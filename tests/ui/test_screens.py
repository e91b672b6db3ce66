"""The screens without a browser: what a locked tab holds, who owns the open vault, and every screen drawn."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.app.kit import CAREGIVER, CODE, INFANT, NAMES, PASSPHRASE, Tablet, tablet
from tests.ui.fake import ASSETS, Tab
from vigfield import clock
from vigfield.app import App, Door, FilmLink, Locked, Open, PageWords, PlayLink, Verdict
from vigfield.model import Ground
from vigfield.ui import Host, keywords, places, refusals, words

SIZES = [(1280, 800), (800, 1100), (390, 844)]
PLANTED = (*NAMES, CODE)


@asynccontextmanager
async def tab(one: Tablet, host: Host, size: tuple[int, int] = SIZES[0]) -> AsyncIterator[Tab]:
    opened = Tab(host, *size)
    try:
        yield await opened.open()
    finally:
        await opened.close()


Act = Callable[[Tablet, Host], Awaitable[None]]


def on(folder: Path, act: Act) -> None:
    """A tablet with a family and one film, locked."""

    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await one.filmed()
            await one.app.lock()
            await act(one, Host(one.app, ASSETS))

    asyncio.run(run())


async def unlock(one: Tab, passphrase: str = PASSPHRASE) -> None:
    await one.type("passphrase", passphrase)
    await one.tap("unlock")


async def to_today(one: Tab) -> None:
    await unlock(one)
    await one.until("today-foot")


def secrets(text: str) -> list[str]:
    return [name for name in PLANTED if name in text]


def test_a_locked_tab_knows_nothing(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            door = {"passphrase", "passphrase-fault", "door-notice", "unlock", "forgotten"}
            assert first.identifiers() == door
            for text in (first.texts(), first.said()):
                assert secrets(text) == []
                assert one.session.id not in text
                assert words.day(one.session.starts.date()) not in text
                assert words.TODAY not in text

    on(tmp_path, act)


def test_unlocking_shows_the_day(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await to_today(first)
            assert {f"visit-{one.session.id}", f"next-{one.session.id}", "lock"} <= first.identifiers()
            assert all(name in first.texts() for name in (CAREGIVER, INFANT, CODE))

    on(tmp_path, act)


def test_a_wrong_passphrase_says_how_many_tries_are_left(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await first.tap("unlock")
            assert first.text("door-notice") == words.EMPTY_PASSPHRASE
            for left in (9, 8):
                await unlock(first, "wrong")
                await _until_said(first, words.wrong(left))
                assert first.text("door-notice") == words.wrong(left)
            for _ in range(8):
                await one.app.unlock("wrong")
            await unlock(first, PASSPHRASE)
            await _until_said(first, words.throttled(299))
            assert one.app.state == Locked()
            assert secrets(first.said()) == []

    on(tmp_path, act)


async def _until_said(one: Tab, sentence: str) -> None:
    async with asyncio.timeout(30):
        while sentence not in one.texts() or not one.has("unlock"):  # noqa: ASYNC110  Flet has no event
            await asyncio.sleep(0.005)
    await one.settle()


def test_what_was_typed_at_the_door_is_sent_nowhere(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await to_today(first)
            assert PASSPHRASE not in first.said()
            assert PASSPHRASE not in first.texts()

    on(tmp_path, act)


def test_a_second_tab_sees_a_locked_app_while_the_first_works(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first, tab(one, host) as second:
            await to_today(first)
            await second.settle()
            assert second.has("unlock")
            assert secrets(second.texts() + second.said()) == []
            await to_today(second)  # it may take over, with the passphrase
            await first.until("unlock")
            assert secrets(first.texts()) == []
            first.forget()
            await one.app.lock()
            await second.until("unlock")
            assert secrets(first.said()) == []

    on(tmp_path, act)


def test_after_a_lock_the_tree_holds_no_name(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            for place in (places.Today(), places.Families(), places.FamilyPlace(one.family.id)):
                await to_today(first)
                first.desk.go(place)
                await _until_drawn(first, place)
                await first.tap("lock")
                await first.until("unlock")
                first.forget()
                assert secrets(first.texts()) == []
                assert one.session.id not in first.texts()
                await first.settle()
                assert secrets(first.said()) == []
                assert one.app.state == Locked()

    on(tmp_path, act)


def test_a_tab_that_goes_away_locks_what_was_open_through_it(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await to_today(first)
            async with tab(one, host):
                pass
            assert isinstance(one.app.state, Open)  # it was not the other's
        assert one.app.state == Locked()
        assert host._desks == {}

    on(tmp_path, act)


async def _until_drawn(one: Tab, place: places.Place) -> None:
    marks = {
        places.Today: "today-foot",
        places.Families: f"family-{CODE}",
        places.NewFamily: "family-save",
        places.FamilyPlace: "new-session",
        places.FamilyDetails: "details-save",
        places.CaregiverPlace: "person-save",
        places.OtherPlace: "person-save",
        places.EndingPlace: "ending-save",
        places.SeenPlace: "seen-list",
        places.HoldPlace: "hold-save",
        places.Calendar: f"day-{clock.today().isoformat()}",
        places.CalendarFiles: "files-pick",
        places.EditSession: "session-save",
        places.PlanCycles: "plan-propose",
        places.AgreedPlace: "agreed-versions",
        places.WithdrawPlace: "withdraw-all",
        places.Duties: "duties-what",
        places.NewSession: "session-save",
        places.SessionPlace: "film",
        places.ConsentPlace: "consent-sign",
        places.FilmPlace: "film-back",
        places.PlayPlace: "play-back",
        places.ErasePlace: "erase-now",
        places.CertificatePlace: "certificate",
        places.Certificates: "certificates-what",
        places.Sending: "last-run",
        places.Settings: "lock-now",
        places.PassphrasePlace: "change-now",
        places.RecoveryPlace: "recovery-give",
        places.JoinPlace: "join-key-out",
        places.PolicyPlace: "policy-standing",
        places.LeavingPlace: "leaves-count",
        places.GonePlace: "gone-count",
        places.ConflictPlace: "conflict-ours",
    }
    await one.until(marks[type(place)])


async def every_place(one: Tablet) -> list[places.Place]:
    """One of each; a film and a link that can be shown."""
    work = one.app.state.work  # type: ignore[union-attr]
    one.work = work
    gone = await one.filmed()
    await work.erasing.erase(gone, Ground.BY_MISTAKE)
    visit = await work.practice.visit(one.session.id)
    playing = await work.playing.link(visit.films[0].id)
    filming = await work.filming.link(one.session.id)
    assert isinstance(playing, PlayLink)
    assert isinstance(filming, FilmLink)
    conflict = await one.conflict()
    return [
        places.Today(),
        places.Families(),
        places.NewFamily(),
        places.FamilyPlace(one.family.id),
        places.FamilyDetails(one.family.id),
        places.CaregiverPlace(one.family.id),
        places.CaregiverPlace(one.family.id, one.family.caregivers[0].id),
        places.OtherPlace(one.family.id),
        places.EndingPlace(one.family.id),
        places.SeenPlace(one.family.id),
        places.HoldPlace(one.family.id),
        *(places.Calendar(view) for view in places.CalendarView),
        places.CalendarFiles(),
        places.EditSession(one.session.id),
        places.PlanCycles(one.family.id),
        places.AgreedPlace(one.consent.id, one.family.id),
        places.WithdrawPlace(one.consent.id, one.family.id),
        places.Duties(),
        places.NewSession(),
        places.NewSession(one.family.id),
        places.SessionPlace(one.session.id),
        places.ConsentPlace(one.session.id),
        places.PlayPlace(visit.films[0].id, one.session.id, playing.token),
        places.ErasePlace(visit.films[0].id, one.session.id),
        places.CertificatePlace(gone),
        places.Certificates(),
        places.Sending(),
        places.Settings(),
        places.PassphrasePlace(),
        places.RecoveryPlace(),
        places.JoinPlace(),
        places.PolicyPlace(),
        places.LeavingPlace(),
        places.GonePlace(),
        places.ConflictPlace(*conflict),
        places.FilmPlace(one.session.id, filming.token),
    ]


LINES = re.findall(
    r"^\| `([^`]+)` \|", (ASSETS.parent / "docs" / "testing.md").read_text("utf-8"), re.MULTILINE
)


def documented(name: str) -> bool:
    """Whether docs/testing.md has this identifier, or one with a computed part that it is a case of."""
    patterns = (re.sub("<.*?>", ".+", re.sub(r"([.-])", r"\\\1", line)) for line in LINES)
    return any(re.fullmatch(pattern, name) for pattern in patterns)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_screen_is_drawn_at_every_width(tmp_path: Path, size: tuple[int, int]) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host, size) as first:
            await to_today(first)
            all_places = await every_place(one)
            assert {type(place) for place in all_places} == set(places.Place.__args__)
            for place in all_places:
                first.desk.go(place)
                await _until_drawn(first, place)
                assert words.sorry(RuntimeError()) not in first.texts(), place
                assert {name for name in first.identifiers() if not documented(name)} == set(), place

    on(tmp_path, act)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_first_start_is_drawn_at_every_width(tmp_path: Path, size: tuple[int, int]) -> None:
    async def run() -> None:
        async with fresh(tmp_path) as host:
            first = await Tab(host, *size).open()
            assert {"passphrase", "passphrase-again", "strength", "make-vault"} <= first.identifiers()
            await first.close()

    asyncio.run(run())


@asynccontextmanager
async def fresh(folder: Path) -> AsyncIterator[Host]:
    app = App(Door(folder / "vault", demo=False), PageWords({}, {}), None)
    yield Host(app, ASSETS)
    await app.close()


def test_the_first_start_says_what_is_wrong_and_then_makes_a_vault(tmp_path: Path) -> None:
    async def run() -> None:
        async with fresh(tmp_path) as host:
            first = await Tab(host).open()
            for passphrase, again, sentence in (
                ("short", "short", keywords.STRENGTH[Verdict.TOO_SHORT]),
                ("passwordpassword", "passwordpassword", keywords.STRENGTH[Verdict.DENIED]),
                ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", keywords.STRENGTH[Verdict.WEAK]),
                (PASSPHRASE, PASSPHRASE + "x", keywords.DIFFERENT),
            ):
                await first.type("passphrase", passphrase)
                await first.type("passphrase-again", again)
                await first.tap("make-vault")
                assert first.text("door-notice") == sentence
            await first.type("passphrase-again", PASSPHRASE)
            await first.tap("make-vault")
            await first.until("today-foot")
            assert words.NO_FAMILIES in first.texts()
            assert PASSPHRASE not in first.said()
            await first.close()

    asyncio.run(run())


def test_a_new_family_with_faults_says_each_in_words(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await to_today(first)
            first.desk.go(places.NewFamily())
            await first.until("family-save")
            await first.type("family-code", "not a code!")
            await first.type("family-caregiver", "x" * 201)
            await first.tap("family-save")
            await _until_text(first, refusals.FAULTS["code"])
            for fault in ("code", "long", "relationship", "missing", "month"):
                assert refusals.FAULTS[fault] in first.texts(), fault
            await first.type("family-code", CODE)
            await first.tap("family-save")
            await _until_text(first, refusals.FAULTS["missing"])

    on(tmp_path, act)


async def _until_text(one: Tab, sentence: str) -> None:
    async with asyncio.timeout(30):
        while sentence not in one.texts():  # noqa: ASYNC110  Flet has no event for it
            await asyncio.sleep(0.005)


def test_a_screen_that_fails_says_so_and_the_next_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await to_today(first)
            with monkeypatch.context() as patch:
                patch.setattr("vigfield.ui.screens.settings.words.minutes_left", _fail)
                first.desk.go(places.Settings())
                await _until_text(first, words.sorry(RuntimeError()))
            first.desk.go(places.Families())
            await first.until(f"family-{CODE}")
            assert "Quillfeather's own" not in first.said()

    on(tmp_path, act)


def _fail(_: object) -> str:
    raise LookupError("Quillfeather's own")
