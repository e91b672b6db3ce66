"""Calendar files in and out: newer wins, nothing is doubled, our own facts stand, and no name leaves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.kit import CAREGIVER, CODE, NAMES, Tablet, family_draft, session_draft, tablet
from vigfield import clock
from vigfield.app import Action, FilePlan, SessionDraft
from vigfield.app.calendar_files import CalendarFiles
from vigfield.app.inforce import InForce
from vigfield.ical import Unreadable
from vigfield.model import Place, Policy, RecordingState, Session, SessionKind, SessionStatus
from vigfield.store import audit, sessions
from vigfield.store.audit import Happening

Act = Callable[[Tablet], Awaitable[None]]
DAY = timedelta(days=1)
NOON = datetime.combine(clock.today(), datetime.min.time()).replace(hour=12, tzinfo=UTC)


def on(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


def event(uid: str = "one@elsewhere", days: int = 3, sequence: int = 0, **more: str) -> str:
    """An entry at noon so many days from now, an hour long."""
    starts = NOON + days * DAY
    lines = {
        "UID": uid,
        "SEQUENCE": str(sequence),
        "DTSTAMP": f"{NOON:%Y%m%dT%H%M%SZ}",
        "DTSTART": f"{starts:%Y%m%dT%H%M%SZ}",
        "DTEND": f"{starts + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        "SUMMARY": "Team meeting",
    } | more
    return "\r\n".join(["BEGIN:VEVENT", *(f"{name}:{value}" for name, value in lines.items()), "END:VEVENT"])


def calendar(*events: str) -> bytes:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\n"
    return (head + "\r\n".join(events) + "\r\nEND:VCALENDAR\r\n").encode()


async def plan(one: Tablet, *events: str, room: str = "") -> FilePlan:
    found = await one.work.files.preview(calendar(*events), room)
    assert isinstance(found, FilePlan), found
    return found


async def take(one: Tablet, *events: str, room: str = "") -> list[Action]:
    """Take a file in; what each entry was said to do, which is what it did."""
    found = await plan(one, *events, room=room)
    taken = await one.work.files.take(found, "called off in the file")
    assert taken == found.counts
    return [entry.action for entry in found.steps]


async def diary(one: Tablet) -> list[Session]:
    """Every session but the family's own."""
    span = await one.work.diary.between(clock.today() - 30 * DAY, clock.today() + 401 * DAY)
    return [entry.session for entry in span.entries if entry.session.id != one.session.id]


async def ours(one: Tablet) -> Session:
    return (await one.work.practice.visit(one.session.id)).session


def told(session: Session, sequence: int, days: int = 5, code: str = CODE, **more: str) -> str:
    """Our own session as somebody moved it in another calendar."""
    return event(f"{session.id}@vigfield", days, sequence, **{"SUMMARY": f"VIG session, {code}"} | more)


def test_a_preview_changes_nothing(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        found = await plan(one, event(), told(one.session, 9))
        assert found.counts == {Action.NEW: 1, Action.CHANGED: 1}
        assert await diary(one) == []
        assert await ours(one) == one.session

    on(tmp_path, act)


def test_an_entry_becomes_a_session_of_nobody(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        assert await take(one, event(DESCRIPTION="bring cake", LOCATION="Town hall")) == [Action.NEW]
        [session] = await diary(one)
        assert (session.family, session.kind, session.title) == (None, SessionKind.OTHER, "Team meeting")
        assert (session.place, session.room, session.note) == (Place.ELSEWHERE, "Town hall", "bring cake")
        assert (session.starts, session.minutes) == (NOON + 3 * DAY, 60)

    on(tmp_path, act)


def test_taken_twice_nothing_is_doubled(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        both = event(), event("two@elsewhere", 4)
        assert await take(one, *both) == [Action.NEW, Action.NEW]
        before = await diary(one)
        assert await take(one, *both) == [Action.SAME, Action.SAME]
        assert await diary(one) == before

    on(tmp_path, act)


def test_without_a_uid_it_is_known_again(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        assert await take(one, event("")) == [Action.NEW]
        assert await take(one, event("")) == [Action.SAME]

    on(tmp_path, act)


def test_every_one_of_a_series_is_a_session(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        series = event(RRULE="FREQ=WEEKLY;COUNT=3")
        assert await take(one, series) == [Action.NEW] * 3
        assert [s.starts for s in await diary(one)] == [NOON + days * DAY for days in (3, 10, 17)]
        assert await take(one, series) == [Action.SAME] * 3

    on(tmp_path, act)


def test_a_newer_one_wins_and_an_older_one_changes_nothing(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await take(one, event(sequence=4))
        assert await take(one, event(days=6, sequence=5)) == [Action.CHANGED]
        before = await diary(one)
        assert [session.starts for session in before] == [NOON + 6 * DAY]
        assert await take(one, event(days=9, sequence=3)) == [Action.OLDER]
        assert await diary(one) == before

    on(tmp_path, act)


def test_what_was_changed_here_is_newer_than_the_file_it_came_from(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await take(one, event())
        [session] = await diary(one)
        moved = SessionDraft(
            None, SessionKind.OTHER, NOON + 8 * DAY, 30, Place.ELSEWHERE, "Cafe", 1, even_so=True
        )
        await one.work.diary.change(session.id, moved)
        assert await take(one, event()) == [Action.OLDER]
        assert [s.starts for s in await diary(one)] == [NOON + 8 * DAY]

    on(tmp_path, act)


def test_a_cancelled_entry_calls_off_and_nothing_older_revives_it(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await take(one, event())
        assert await take(one, event(sequence=5, STATUS="CANCELLED")) == [Action.CALLED_OFF]
        [session] = await diary(one)
        assert (session.status, session.reason) == (SessionStatus.CANCELLED, "called off in the file")
        assert await take(one, event(sequence=5, STATUS="CANCELLED")) == [Action.SAME]
        for older in (0, 3, 5):
            assert await take(one, event(days=4, sequence=older)) == [Action.OLDER]
        assert await take(one, event(days=4, sequence=6)) == [Action.CHANGED]
        [session] = await diary(one)
        assert (session.status, session.starts) == (SessionStatus.BOOKED, NOON + 4 * DAY)

    on(tmp_path, act)


def test_what_is_cancelled_and_not_known_is_nothing(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        assert await take(one, event(STATUS="CANCELLED")) == [Action.SAME]
        assert await diary(one) == []

    on(tmp_path, act)


def test_a_session_of_ours_that_was_moved_elsewhere_moves_here(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        assert await take(one, told(one.session, 3, LOCATION="Room 9", DESCRIPTION="x")) == [Action.CHANGED]
        wanted = replace(one.session, starts=NOON + 5 * DAY, sequence=3)
        assert await ours(one) == wanted  # time and sequence, and nothing else
        assert await diary(one) == []

    on(tmp_path, act)


@pytest.mark.parametrize(
    "more",
    [
        {"SUMMARY": "VIG session, SE-999"},
        {"SUMMARY": f"VIG session, {CODE} SE-015"},
        {"SUMMARY": "Lunch"},
        {"SUMMARY": "VIG supervision"},
    ],
    ids=str,
)
def test_under_another_name_it_is_not_heard(tmp_path: Path, more: dict[str, str]) -> None:
    async def act(one: Tablet) -> None:
        await one.work.people.add(family_draft("SE-015"))
        assert await take(one, told(one.session, 9, **more)) == [Action.OLDER]
        assert await take(one, told(one.session, 9, STATUS="CANCELLED", **more)) == [Action.OLDER]
        assert await ours(one) == one.session
        assert await diary(one) == []

    on(tmp_path, act)


def test_what_took_place_took_place_whatever_a_file_says(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        await one.work.diary.mark(one.session.id, SessionStatus.TOOK_PLACE)
        before = await ours(one)
        assert await take(one, told(one.session, 99)) == [Action.OLDER]
        assert await take(one, told(one.session, 99, STATUS="CANCELLED")) == [Action.OLDER]
        assert await ours(one) == before
        assert (await one.work.practice.recording(film)).state is RecordingState.WHOLE

    on(tmp_path, act)


def test_a_cancelled_session_keeps_its_film(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.work.practice.recording(await one.filmed())
        await one.work.diary.mark(one.session.id, SessionStatus.BOOKED)  # a person's slip, after the film
        assert await take(one, told(one.session, 9, STATUS="CANCELLED")) == [Action.CALLED_OFF]
        assert (await ours(one)).status is SessionStatus.CANCELLED
        assert await one.work.practice.recording(film.id) == film
        assert (await one.work.keeping.of(film.id)).queued == ()

    on(tmp_path, act)


def test_a_room_that_is_taken_is_said_before(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        draft = session_draft(one.family.id)
        there = replace(draft, starts=NOON + 3 * DAY, place=Place.ROOM, room="Room 2")
        assert isinstance(await one.work.diary.add(there), Session)
        found = await plan(
            one, event(LOCATION="room  2"), event("b", 4, LOCATION="Room 2"), event("c", LOCATION="Attic")
        )
        clashes = {entry.entry.uid: entry.clash for entry in found.steps}
        assert clashes["one@elsewhere"] is not None
        assert clashes["one@elsewhere"].room == "Room 2"
        assert (clashes["b"], clashes["c"]) == (None, None)

    on(tmp_path, act)


def test_the_calendar_of_a_room_books_it_for_others(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        assert await take(one, event(), told(one.session, 9), room="Room 7") == [Action.NEW, Action.SAME]
        assert await diary(one) == []
        span = await one.work.diary.between(clock.today(), clock.today() + 10 * DAY)
        assert [(b.room, b.starts) for b in span.bookings] == [("Room 7", NOON + 3 * DAY)]
        assert await take(one, event(), room="Room 7") == [Action.SAME]
        assert await take(one, event(days=5, sequence=1), room="Room 7") == [Action.CHANGED]
        assert await take(one, event(days=5, sequence=2, STATUS="CANCELLED"), room="Room 7") == [
            Action.CALLED_OFF
        ]
        span = await one.work.diary.between(clock.today(), clock.today() + 10 * DAY)
        assert span.bookings == ()

    on(tmp_path, act)


def test_a_booking_by_others_says_which_session_of_ours_is_there(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        draft = session_draft(one.family.id)
        there = replace(draft, starts=NOON + 3 * DAY, place=Place.ROOM, room="Room 2")
        assert isinstance(await one.work.diary.add(there), Session)
        [found] = (await plan(one, event(), room="room 2")).steps
        assert found.clash is not None
        assert not found.clash.theirs

    on(tmp_path, act)


def test_what_changed_since_the_preview_is_decided_anew(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        found = await plan(one, told(one.session, 1))
        assert found.counts == {Action.CHANGED: 1}
        for status in (SessionStatus.ARRIVED, SessionStatus.BOOKED):
            await one.work.diary.mark(one.session.id, status)
        assert await one.work.files.take(found) == {Action.OLDER: 1}

    on(tmp_path, act)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"hello", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT"], ids=repr)
def test_what_is_no_calendar_is_said(tmp_path: Path, data: bytes) -> None:
    async def act(one: Tablet) -> None:
        assert isinstance(await one.work.files.preview(data), Unreadable)

    on(tmp_path, act)


async def handed_out(one: Tablet, policy: Policy) -> str:
    files = CalendarFiles(one.work.keeping._opened, InForce(policy))
    data = await files.export(clock.today(), clock.today() + 10 * DAY)
    return data.decode().replace("\r\n ", "")


async def plan_more(one: Tablet) -> None:
    """A supervision, a session in a room with a note, and something from another calendar."""
    alone = SessionDraft(
        None, SessionKind.SUPERVISION, NOON + DAY, 60, Place.ELSEWHERE, "Vossenkamer", 1, even_so=True
    )
    assert isinstance(await one.work.diary.add(alone), Session)
    draft = replace(session_draft(one.family.id), starts=NOON + 2 * DAY, note="Quillfeather cried")
    assert isinstance(await one.work.diary.add(draft), Session)
    await take(one, event(SUMMARY="Lunch with Prunella", DESCRIPTION="Zebulonia"))


def test_a_file_that_is_handed_out_holds_codes_and_no_names(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await plan_more(one)
        text = await handed_out(one, Policy())
        assert text.count("BEGIN:VEVENT") == 3
        assert text.count(f"SUMMARY:VIG session\\, {CODE}") == 2
        assert text.count("SUMMARY:VIG supervision") == 1
        assert [word for word in (*NAMES, "Lunch", "cried", "LOCATION", "DESCRIPTION") if word in text] == []
        for person in (one.family.id, *one.family.names):
            assert person not in text

    on(tmp_path, act)


def test_where_names_may_leave_the_caregiver_and_the_room_do(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await plan_more(one)
        text = await handed_out(one, Policy(names_may_leave=True))
        assert text.count("LOCATION:Vossenkamer") == 3
        assert [word for word in (*NAMES, "Lunch", "cried") if word in text] == [CAREGIVER, "Vossenkamer"]

    on(tmp_path, act)


def test_what_is_handed_out_comes_back_as_it_is(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await plan_more(one)
        before = await diary(one), await ours(one)
        data = await one.work.files.export(clock.today(), clock.today() + 10 * DAY)
        found = await one.work.files.preview(data)
        assert isinstance(found, FilePlan)
        assert found.counts == {Action.SAME: 3}
        await one.work.files.take(found)
        assert (await diary(one), await ours(one)) == before

    on(tmp_path, act)


def test_what_was_done_is_written_down_in_numbers(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await plan_more(one)
        await handed_out(one, Policy())
        events = await one.work.files._store.run(lambda tx: audit.of(tx, "calendar"))
        kinds = [one.kind for one in events]
        assert kinds == [Happening.CALENDAR_IMPORTED, Happening.CALENDAR_EXPORTED]
        assert events[0].detail == {
            "new": 1,
            "changed": 0,
            "called-off": 0,
            "same": 0,
            "older": 0,
        }
        assert events[1].detail == {"sessions": 3}

    on(tmp_path, act)


def test_a_file_is_taken_in_as_a_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(one: Tablet) -> None:
        found = await plan(one, event(), event("two@elsewhere", 4))
        real, calls = sessions.add, [0]

        def failing(*arguments: object) -> None:
            calls[0] += 1
            if calls[0] == 2:
                raise ValueError("the second one")
            real(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(sessions, "add", failing)
        with pytest.raises(ValueError, match="the second one"):
            await one.work.files.take(found)
        assert await diary(one) == []

    on(tmp_path, act)


def test_a_session_of_another_vault_is_taken_in_once(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        theirs = event(f"{clock.new_id()}@vigfield", SUMMARY="VIG session, XY-7")
        assert await take(one, theirs) == [Action.NEW]
        assert await take(one, theirs) == [Action.SAME]

    on(tmp_path, act)


@pytest.mark.parametrize(("end", "minutes"), [("", 5), ("DURATION:P9D", 2 * 24 * 60)])
def test_no_session_is_shorter_or_longer_than_the_diary_can_hold(
    tmp_path: Path, end: str, minutes: int
) -> None:
    async def act(one: Tablet) -> None:
        lines = [line for line in event().split("\r\n") if not line.startswith("DTEND")]
        odd = "\r\n".join([*lines[:-1], *([end] if end else []), lines[-1]])
        assert (await plan(one, odd)).shortened == (1 if end else 0)
        assert await take(one, odd) == [Action.NEW]
        assert [session.minutes for session in await diary(one)] == [minutes]
        assert await take(one, odd) == [Action.SAME]

    on(tmp_path, act)
