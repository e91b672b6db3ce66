"""The forms for families and the calendar, filled in and saved as a person does it; without a browser."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import flet as ft
import pytest

from tests.app.kit import CAREGIVER, Tablet, session_draft
from tests.app.test_calendar_files import calendar, event
from tests.ui.fake import Tab
from tests.ui.test_duties import open_at, touch
from tests.ui.test_screens import _until_text as until_text
from tests.ui.test_screens import on, tab
from vigfield.app import FilePlan
from vigfield.forms import Missing, shipped
from vigfield.model import Place, Session, SessionKind, SessionStatus, Undo
from vigfield.store import audit
from vigfield.ui import Host, calendarwords, familywords, places, refusals, words

DAY = timedelta(days=1)
Act = Callable[[Tablet, Tab], Awaitable[None]]


def at(folder: Path, place: Callable[[Tablet], places.Place], act: Act) -> None:
    """An unlocked tab at a place."""

    async def go(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, place(one))
            await act(one, first)

    on(folder, go)


async def choose(tab_: Tab, identifier: str) -> None:
    """A touch on the words beside a dot or a box."""
    await tab_.fire(tab_.inside(identifier, ft.GestureDetector), "tap")


async def pick(tab_: Tab, identifier: str, value: str) -> None:
    """One of a list that opens."""
    field = tab_.inside(identifier, ft.Dropdown)
    tab_.session.apply_patch(field._i, {"value": value})
    await tab_.fire(field, "select", value)


async def session(one: Tablet) -> Session:
    return (await one.work.practice.visit(one.session.id)).session


def test_a_caregiver_without_a_name_is_not_kept_and_with_one_is_on_the_familys_page(tmp_path: Path) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        await first.until("person-save")
        await first.tap("person-save")
        await until_text(first, refusals.LOOK_ABOVE)
        assert first.text("person-name-fault") == refusals.FAULTS["missing"]
        assert refusals.FAULTS["relationship"] in first.text("fault-relationship")
        await first.type("person-name", "Callum")
        await choose(first, "person-relationship-father")
        await first.type("person-language", "Gàidhlig")
        await choose(first, "person-responsibility-birth-register")
        await choose(first, "person-interpreter")
        await first.tap("person-save")
        await first.until("caregiver-2")
        assert "on the birth register" in first.texts()
        kept = (await one.work.people.get(one.family.id)).caregivers
        assert [(one.name, one.language, one.interpreter) for one in kept][1] == ("Callum", "Gàidhlig", True)

    at(tmp_path, lambda one: places.CaregiverPlace(one.family.id), act)


def test_what_is_known_of_a_family_is_changed_and_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        await first.until("details-save")
        for part, value in (("year", "2026"), ("month", "02"), ("day", "30")):
            await pick(first, f"details-birth-{part}", value)
        await first.tap("details-save")
        await until_text(first, refusals.LOOK_ABOVE)
        assert refusals.FAULTS["no-such-day"] in first.text("fault-born")
        await pick(first, "details-birth-day", "28")
        await first.type("details-cycles", "4")
        await first.type("referral-source", "Health visitor")
        await first.tap("details-save")
        await first.until("plan-cycles")
        kept = await one.work.people.get(one.family.id)
        assert (kept.infant.born, kept.intervention.planned_cycles) == ("2026-02-28", 4)
        assert kept.referral.source == "Health visitor"

    at(tmp_path, lambda one: places.FamilyDetails(one.family.id), act)


def test_the_work_ends_with_its_reason_and_is_taken_up_again(tmp_path: Path) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        await first.until("ending-save")
        await choose(first, "ending-why-moved-away")
        await first.type("ending-note", "To Fife")
        await first.tap("ending-save")
        await first.until("take-up")
        assert "moved away" in first.text("work-state")
        await first.tap("take-up")
        await first.until("end-work")
        assert (await one.work.people.get(one.family.id)).intervention.ended is None

    at(tmp_path, lambda one: places.EndingPlace(one.family.id), act)


def test_a_session_needs_its_room_and_is_refused_one_that_is_taken(tmp_path: Path) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        there = await one.work.diary.add(replace(session_draft(one.family.id), place=Place.ROOM))
        assert isinstance(there, Session)
        await first.until("session-save")
        await choose(first, "session-place-room")
        await first.type("session-room", " ")
        await first.type("session-minutes", "3")
        await first.tap("session-save")
        await until_text(first, refusals.FAULTS["minutes"])
        assert first.text("session-room-fault") == refusals.FAULTS["missing"]
        await first.type("session-minutes", "45")
        await first.type("session-room", there.room.upper())
        await first.tap("session-save")
        await until_text(first, f"{there.room} is taken")
        assert not first.has("session-even-so")
        await first.type("session-room", "The garden room")
        await pick(first, "session-cycle", "2")
        await first.tap("session-save")
        await first.until("session-even-so")  # one's own time
        await first.tap("session-even-so")
        await first.until("session-state")
        changed = await session(one)
        assert (changed.minutes, changed.cycle, changed.room) == (45, 2, "The garden room")

    at(tmp_path, lambda one: places.EditSession(one.session.id), act)


def test_planned_cycles_are_proposed_moved_left_out_and_planned(tmp_path: Path) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        await first.until("plan-propose")
        await first.tap("plan-propose")
        await first.until("plan-line-4")
        await first.tap("plan-later-2")
        await choose(first, "plan-line-4")
        await first.tap("plan-save")
        await first.until("end-work")
        planned = [v.session for v in (await one.work.practice.family(one.family.id)).visits][1:]
        assert [one.kind for one in planned] == [
            SessionKind.FILMING,
            SessionKind.SHARED_REVIEW,
            SessionKind.FILMING,
        ]
        assert planned[1].starts - planned[0].starts == 8 * DAY

    at(tmp_path, lambda one: places.PlanCycles(one.family.id), act)


def test_the_week_shows_rooms_that_others_have(tmp_path: Path) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        found = await one.work.files.preview(calendar(event("them@x", 0)), "Bluebell")
        assert isinstance(found, FilePlan)
        await one.work.files.take(found)
        for width in (1280, 700):
            first.desk.layout.width = width
            first.desk.go(places.Calendar(places.CalendarView.WEEK))
            await first.until(f"entry-{one.session.id}")
            assert "Bluebell" in first.texts()
            first.desk.go(places.Today())
            await first.until("today-foot")

    at(tmp_path, lambda one: places.Today(), act)


def test_what_is_typed_is_there_when_the_tablet_is_turned(tmp_path: Path) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        await first.until("family-save")
        await first.type("family-code", "SE-077")
        for width in (390, 844, 1280, 390):
            first.desk.layout.width = width
            await first.settle()
            assert first.inside("family-code", ft.TextField).value == "SE-077"  # type: ignore[attr-defined]

    at(tmp_path, lambda one: places.NewFamily(), act)


@pytest.mark.parametrize("why", list(Undo))
def test_a_session_that_is_called_off_by_a_slip_is_planned_again(tmp_path: Path, why: Undo) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        other = await one.work.diary.add(session_draft(one.family.id, SessionKind.FIRST_MEETING))
        assert isinstance(other, Session)
        first.desk.go(places.SessionPlace(other.id))
        await first.until("session-cancelled")
        await first.tap("session-cancelled")
        await first.tap("cancel-confirm")
        await until_text(first, refusals.FAULTS["missing"])
        await first.type("cancel-why", "A cold")
        await first.tap("cancel-confirm")
        await first.until("session-undo")
        assert "A cold" in first.text("session-state")
        await first.tap("session-undo")
        await first.tap(f"undo-{why.value}")
        await first.until("undo-anyway")  # the other session is at this time
        await first.tap("undo-anyway")
        await first.until("session-arrived")
        assert first.text("session-state") == words.STATUSES[SessionStatus.BOOKED]
        events = await one.work.practice._store.run(lambda tx: audit.of(tx, other.id))
        assert events[-1].detail == {"status": "booked", "was": "cancelled", "undo": why.value}

    at(tmp_path, lambda one: places.Today(), act)


def test_a_session_that_was_filmed_took_place_and_a_slip_is_told_as_one(tmp_path: Path) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        await first.until("session-state")
        assert not first.has("session-undo")  # it has a film
        meeting = await one.work.diary.add(session_draft(one.family.id, SessionKind.FIRST_MEETING))
        assert isinstance(meeting, Session)
        first.desk.go(places.SessionPlace(meeting.id))
        await first.until("session-took-place")
        await first.tap("session-took-place")
        await first.until("session-undo")
        await first.tap("session-undo")
        await first.tap("undo-keep")
        assert (await one.work.practice.visit(meeting.id)).session.status is SessionStatus.TOOK_PLACE
        await first.tap("session-undo")
        await first.tap("undo-slip")
        await first.until("undo-anyway")
        assert calendarwords.UNDO_KEEP in first.texts()
        await first.tap("undo-anyway")
        await first.until("session-arrived")
        first.desk.go(places.SeenPlace(one.family.id))
        await until_text(first, familywords.UNDONE)
        assert CAREGIVER not in first.texts()

    at(tmp_path, lambda one: places.SessionPlace(one.session.id), act)


def test_a_family_is_found_for_a_session_and_another_one_chosen(tmp_path: Path) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        await first.until("session-save")
        await first.tap("session-save")
        await until_text(first, refusals.FAULTS["family"])
        await first.until(f"session-family-{one.family.code}")
        await touch(first, f"session-family-{one.family.code}")
        await first.until("session-other-family")
        await first.tap("session-other-family")
        await first.until("session-family")

    at(tmp_path, lambda one: places.NewSession(), act)


def test_who_signs_in_arabic_reads_in_arabic_what_is_missing(tmp_path: Path) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        await first.until("consent-sign")
        await choose(first, "consent-language-ar")
        await first.tap("consent-sign")
        arabic = shipped()[1]
        await until_text(first, arabic.missing[Missing.ANYTHING])
        assert first.text("fault-footing") == arabic.missing[Missing.FOOTING]
        assert refusals.FAULTS["footing"] not in first.texts()
        await choose(first, "consent-language-en-GB")
        await until_text(first, refusals.FAULTS["footing"])

    at(tmp_path, lambda one: places.ConsentPlace(one.session.id), act)


def test_a_button_that_was_drawn_before_keeps_what_was_chosen_since(tmp_path: Path) -> None:
    """On a slow tablet a touch on Save comes before the screen is drawn anew."""

    async def act(one: Tablet, first: Tab) -> None:
        await first.until("person-save")
        await first.type("person-name", "Callum")
        save = first.inside("person-save", ft.FilledButton)
        choosing = choose(first, "person-relationship-father")
        touched = save.on_click
        await choosing
        assert callable(touched)
        touched(ft.Event("click", save))
        await first.until("caregiver-2")

    at(tmp_path, lambda one: places.CaregiverPlace(one.family.id), act)
