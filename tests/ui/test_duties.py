"""What is due, holds, erasing and calendar files, as their screens say it; without a browser."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flet as ft
import pytest

from tests.app.kit import NAMES, Tablet, consent_draft, session_draft, until
from tests.app.test_calendar_files import calendar, event
from tests.ui.fake import Tab
from tests.ui.test_screens import _until_text as until_text
from tests.ui.test_screens import on, tab, to_today
from vigfield import clock
from vigfield.app import Given, HoldDraft, Open
from vigfield.loopback import Still
from vigfield.model import Due, Ground, Hold, HoldKind, Policy, RecordingId, Scope, SessionStatus, What
from vigfield.rules import Reason
from vigfield.store import retention
from vigfield.ui import Host, dutywords, fileswords, places, refusals, words
from vigfield.ui.desk import Desk

DAY = timedelta(days=1)
HELD = HoldDraft(HoldKind.SAFEGUARDING, "سبب · the safeguarding lead asked " + "x" * 300)


async def open_at(one: Tablet, tab_: Tab, place: places.Place) -> None:
    """Unlocked, and at a place."""
    await to_today(tab_)
    assert isinstance(one.app.state, Open)
    one.work = one.app.state.work
    tab_.desk.go(place)
    await tab_.settle()


async def ask(one: Tablet, days: int, what: What = What.FILM) -> RecordingId:
    """Queue an erasure of the newest film that is to be done so many days from now."""
    film = (await one.recording()).id
    due = Due(film, what, Ground.CAREGIVER_ASKED, clock.now(), clock.today() + days * DAY)
    await one.work.keeping._store.run(lambda tx: retention.ask(tx, due))
    one.app.announce()
    return film


async def pictured(one: Tablet) -> RecordingId:
    """A film with a picture kept from it."""
    both = consent_draft(one.family, None, Scope.FILM_INTERACTION, Scope.STILLS)
    assert isinstance(await one.work.consenting.give(both), Given)
    film = await one.filmed()
    assert isinstance(await (await one.play(film)).stills.keep(3, b"\x89PNG" + bytes(99)), Still)
    return film


async def touch(tab_: Tab, identifier: str) -> None:
    """A touch on a line that is no button."""
    await tab_.fire(tab_.inside(identifier, ft.Container), "click")


def test_nothing_due_says_so(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.Duties())
            await until_text(first, dutywords.NOTHING_DUE)
            assert not first.has("due-1")

    on(tmp_path, act)


def test_what_is_due_says_what_why_and_until_when_and_leads_to_erasing(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.Duties())
            film = await ask(one, -2)
            await first.until("due-1")
            said = first.text("due-1")
            by = words.day(clock.today() - 2 * DAY)
            told = (one.family.code, "Overdue", "The film", "A caregiver asked for it", by)
            assert [text for text in told if text not in said] == []
            assert [name for name in NAMES if name in said] == []
            await first.tap("due-session-1")
            assert first.desk.where.place == places.SessionPlace(one.session.id)
            first.desk.go(places.Duties())
            await first.until("due-erase-1")
            await first.tap("due-erase-1")
            assert first.desk.where.place == places.ErasePlace(film, one.session.id)
            await first.until("erase-asked")
            assert f"to be erased by {by}" in first.text("erase-asked")
            assert first.inside("erase-now", ft.FilledButton).disabled  # type: ignore[attr-defined]

    on(tmp_path, act)


def test_what_is_held_cannot_be_erased_from_here(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.Duties())
            film = await ask(one, -2)
            assert isinstance(await one.work.keeping.hold(one.family.id, HELD), Hold)
            one.app.announce()
            await first.until("due-hold-1")
            assert HELD.reason in first.text("due-1")
            assert not first.has("due-erase-1")
            first.desk.go(places.ErasePlace(film, one.session.id))
            await first.until("erase-held")
            assert HELD.reason in first.text("erase-held")
            assert first.text("notice") == refusals.REASONS[Reason.HELD]
            assert not first.has("erase-now")
            await first.tap("erase-hold")
            assert first.desk.where.place == places.HoldPlace(one.family.id)

    on(tmp_path, act)


def test_a_hold_is_begun_and_lifted_each_with_its_reason(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.HoldPlace(one.family.id))
            await first.until("hold-save")
            await first.tap("hold-save")
            await until_text(first, refusals.FAULTS["missing"])
            assert await one.work.keeping.hold_of(one.family.id) is None
            await first.type("hold-reason", HELD.reason)
            await first.tap("hold-save")
            await first.until("new-session")
            found = await one.work.keeping.hold_of(one.family.id)
            assert found is not None
            assert found.reason == HELD.reason
            first.desk.go(places.HoldPlace(one.family.id))
            await first.until("hold-lift")
            assert HELD.reason in first.text("hold-now")
            await first.tap("hold-lift")
            await until_text(first, refusals.FAULTS["missing"])
            await first.type("hold-reason", "the case is closed")
            await first.tap("hold-lift")
            await first.until("new-session")
            assert await one.work.keeping.hold_of(one.family.id) is None

    on(tmp_path, act)


def test_pictures_go_only_after_the_question(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.Duties())
            film = await pictured(one)
            await ask(one, 2, What.PICTURES)
            await first.until("due-erase-1")
            assert "The pictures kept from it" in first.text("due-1")
            media = one.work.keeping._opened.media
            await first.tap("due-erase-1")
            await first.tap("pictures-keep")
            assert len(media.stills(film)) == 1
            await first.tap("due-erase-1")
            await first.tap("pictures-erase")
            await until_text(first, dutywords.NOTHING_DUE)
            assert list(media.stills(film)) == []

    on(tmp_path, act)


def test_a_clock_that_was_turned_back_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.Today())
            monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) - 40 * DAY)
            first.desk.go(places.Duties())
            await first.until("clock-notice")
            assert dutywords.CLOCK in first.text("clock-notice")

    on(tmp_path, act)


def test_today_says_what_is_soon_and_due_and_leads_there(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.Today())
            assert not first.has("today-duties")
            await one.work.diary.mark(one.session.id, SessionStatus.TOOK_PLACE)
            draft = session_draft(one.family.id)
            coming = await one.work.diary.add(replace(draft, starts=draft.starts + 2 * DAY, cycle=2))
            past = await one.work.diary.add(replace(draft, starts=draft.starts - 20 * DAY, cycle=7))
            await one.work.diary.mark(past.id, SessionStatus.TOOK_PLACE)  # type: ignore[union-attr]
            ends = replace(consent_draft(one.family), valid_until=clock.today() + 3 * DAY)
            assert isinstance(await one.work.consenting.give(ends), Given)
            await ask(one, -1)
            await first.until("today-duties")
            said = first.text("today-duties")
            assert all(text in said for text in ("1 overdue", "consent ends", "cycle 7", "Next:"))
            assert [name for name in NAMES if name in said] == []
            ways = {
                "soon-erase": places.Duties(),
                "soon-next": places.SessionPlace(coming.id),  # type: ignore[union-attr]
                "soon-consent-1": places.FamilyPlace(one.family.id),
                "soon-review-1": places.FamilyPlace(one.family.id),
            }
            for identifier, place in ways.items():
                first.desk.go(places.Today())
                await first.until(identifier)
                await touch(first, identifier)
                assert first.desk.where.place == place

    on(tmp_path, act)


@pytest.mark.parametrize("place", [places.Duties(), places.Today()], ids=str)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: places.Place
) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await to_today(first)
            monkeypatch.setattr("vigfield.app.keeping.due_items", _fail)
            monkeypatch.setattr("vigfield.app.reminding.due_items", _fail)
            first.desk.go(places.Settings())
            await first.settle()
            first.desk.go(place)
            await until_text(first, words.sorry(RuntimeError()))
            assert "Quillfeather" not in first.text("notice")

    on(tmp_path, act)


def _fail(*_: object) -> None:
    raise RuntimeError("Quillfeather")


def test_a_calendar_file_is_looked_at_and_then_taken_in(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.CalendarFiles())
            await first.until("files-read")
            assert not first.has("files-take")
            await first.type("files-paste", "hello")
            await first.tap("files-read")
            await until_text(first, "This is no calendar file.")
            await first.type("files-paste", calendar(event(SUMMARY="اجتماع الفريق")).decode())
            await first.tap("files-read")
            await first.until("files-take")
            assert first.text("files-counted") == "1 new"
            assert "اجتماع الفريق" in first.texts()
            await first.tap("files-take")
            await until(lambda: not first.has("files-take"))
            assert first.text("files-said") == "1 new"
            await first.tap("files-read")
            await first.until("files-take")
            assert first.text("files-counted") == "1 as it was"

    on(tmp_path, act)


def test_a_long_file_says_how_much_of_it_is_not_listed(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.CalendarFiles())
            await first.until("files-read")
            await first.type("files-paste", calendar(event(RRULE="FREQ=DAILY;COUNT=100")).decode())
            await first.tap("files-read")
            await first.until("files-take")
            assert first.text("files-counted") == "100 new"
            assert fileswords.more(40) in first.texts()

    on(tmp_path, act)


def test_a_room_has_to_be_named(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.CalendarFiles())
            await first.until("files-read")
            group = next(one for one in first.controls() if isinstance(one, ft.RadioGroup))
            first.session.apply_patch(group._i, {"value": "room"})
            await first.fire(group, "change", "room")
            await first.until("files-room")
            await first.tap("files-read")
            await until_text(first, fileswords.ROOM_MISSING)

    on(tmp_path, act)


def test_where_names_may_leave_that_is_said_before(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        one.app._policy = Policy(names_may_leave=True)
        async with tab(one, host) as first:
            await open_at(one, first, places.CalendarFiles())
            await first.until("files-export")
            assert fileswords.HAND_OUT_NAMED in first.texts()
            assert fileswords.HAND_OUT_WHAT not in first.texts()

    on(tmp_path, act)


def test_what_is_handed_out_is_what_was_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(one: Tablet, host: Host) -> None:
        given: dict[str, bytes] = {}

        async def hand_out(_: Desk, name: str, data: bytes) -> None:
            given[name] = data

        monkeypatch.setattr(Desk, "hand_out", hand_out)
        async with tab(one, host) as first:
            await open_at(one, first, places.CalendarFiles())
            await first.until("files-export")
            assert fileswords.HAND_OUT_WHAT in first.texts()
            await first.tap("files-export")
            await one.work.erasing.erase((await one.recording()).id, Ground.BY_MISTAKE)
            first.desk.go(places.Certificates())
            await first.until("certificates-export")
            await first.tap("certificates-export")
            await until(lambda: len(given) == 2)
            assert sorted(given) == ["vigfield-certificates.json", "vigfield.ics"]
            for data in given.values():
                assert [name for name in NAMES if name.encode() in data] == []

    on(tmp_path, act)
