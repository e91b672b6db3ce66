"""Calendar files: the real programs' shapes, the clock changes, and everything that a file should not be."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import tzset

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ical.samples import ALL, APPLE, GOOGLE, OUTLOOK, event
from vigfield.ical import Calendar, Entry, Outgoing, Problem, Unreadable, Why, read, write
from vigfield.ical.reading import LARGEST, MOST_ENTRIES

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
START = "DTSTART:20260324T093000Z"


@pytest.fixture(autouse=True)
def _london(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/London")
    tzset()
    yield
    monkeypatch.undo()
    tzset()


def entries(data: bytes) -> tuple[Entry, ...]:
    found = read(data, SINCE, UNTIL)
    assert isinstance(found, Calendar), found
    return found.entries


def starts(data: bytes) -> list[str]:
    return [f"{one.starts:%m-%d %H:%M}" for one in entries(data)]


def skipped(data: bytes) -> dict[Problem, int]:
    found = read(data, SINCE, UNTIL)
    assert isinstance(found, Calendar), found
    return {one.what: one.count for one in found.skipped}


def test_outlook_with_its_own_zone_names_and_a_clock_change_in_march() -> None:
    first, *_ = found = entries(OUTLOOK)
    assert starts(OUTLOOK) == ["03-24 09:30", "03-31 08:30", "04-07 08:30"]
    assert (first.summary, first.place, first.minutes) == ("Team meeting", "Room 2", 60)
    assert first.note.endswith("until the line has to be folded.")
    assert len({one.recurrence for one in found}) == 3


def test_nobody_who_takes_part_is_taken_in() -> None:
    said = str(entries(OUTLOOK))
    assert [word for word in ("boss", "Other", "example.org", "Reminder", "html") if word in said] == []


def test_google_with_a_moved_and_a_cancelled_instance_across_october() -> None:
    group = [one for one in entries(GOOGLE) if one.uid == "abc@google.com"]
    said = [(f"{one.starts:%m-%d %H:%M}", one.cancelled, one.summary[-7:]) for one in group]
    assert said == [
        ("10-19 13:00", False, " Mütter"),
        ("10-26 16:00", False, "(moved)"),
        ("11-09 14:00", True, " Mütter"),
        ("11-16 14:00", False, " Mütter"),
    ]
    [day] = [one for one in entries(GOOGLE) if one.whole_day]
    assert (day.summary, day.minutes) == ("عطلة", 2 * 24 * 60)


def test_apple_with_a_duration_and_an_update_by_sequence() -> None:
    [one] = entries(APPLE)
    assert (one.sequence, one.summary, one.minutes) == (1, "Visit (later)", 45)
    assert f"{one.starts:%H:%M}" == "10:30"


def test_a_time_that_there_is_twice_is_the_first_and_one_that_is_not_is_moved_on() -> None:
    assert starts(event("UID:a", "DTSTART;TZID=Europe/London:20261025T013000")) == ["10-25 00:30"]
    assert starts(event("UID:a", "DTSTART;TZID=Europe/London:20260329T013000")) == ["03-29 01:30"]


def test_a_floating_time_is_in_the_tablets_own_zone() -> None:
    assert starts(event("UID:a", "DTSTART:20260701T093000")) == ["07-01 08:30"]


def test_a_file_says_itself_what_its_zone_is() -> None:
    zone = GOOGLE.replace(b"Europe/London", b"Europe/Nowhere")
    assert skipped(zone)[Problem.ZONE] >= 1
    own = APPLE.replace(b"TZID:Europe/London", b"TZID:Ours").replace(b"TZID=Europe/London", b"TZID=Ours")
    assert [f"{one.starts:%H:%M}" for one in entries(own)] == ["10:30"]


SKIPPED: list[tuple[str, list[str], Problem]] = [
    ("no start", ["UID:a", "SUMMARY:x"], Problem.NO_START),
    ("an end before the start", ["UID:a", START, "DTEND:20260324T083000Z"], Problem.ENDS_BEFORE_IT_STARTS),
    ("a negative duration", ["UID:a", START, "DURATION:-PT1H"], Problem.ENDS_BEFORE_IT_STARTS),
    ("every second", ["UID:a", START, "RRULE:FREQ=SECONDLY"], Problem.TOO_MANY),
    ("a million minutes", ["UID:a", START, "RRULE:FREQ=MINUTELY;COUNT=1000000"], Problem.TOO_MANY),
    (
        "a million days since 1900",
        ["UID:a", "DTSTART:19000101T000000Z", "RRULE:FREQ=DAILY;COUNT=1000000"],
        Problem.TOO_MANY,
    ),
    ("no zone of this world", ["UID:a", "DTSTART;TZID=Mars/Base:20260324T093000"], Problem.ZONE),
    ("a rule of nothing", ["UID:a", START, "RRULE:FREQ=SOMETIMES"], Problem.RULE),
    ("an interval of none", ["UID:a", START, "RRULE:FREQ=DAILY;INTERVAL=0"], Problem.TOO_MANY),
]


def test_there_are_as_many_faults_as_were_written() -> None:
    assert len(SKIPPED) == 9


@pytest.mark.parametrize(("lines", "problem"), [pytest.param(li, p, id=name) for name, li, p in SKIPPED])
def test_what_is_left_out_says_why(lines: list[str], problem: Problem) -> None:
    assert skipped(event(*lines)) == {problem: 1}


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5"],
)
def test_a_rule_that_never_fits_costs_nothing(rule: str) -> None:
    assert starts(event("UID:a", START, f"RRULE:{rule}")) == []


def test_the_29th_of_february() -> None:
    data = event("UID:a", "DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY")
    assert starts(data) == []
    found = read(data, datetime(2028, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))
    assert isinstance(found, Calendar)
    assert [f"{one.starts:%m-%d}" for one in found.entries] == ["02-29"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Why.EMPTY),
        (b" \r\n", Why.EMPTY),
        (b"\xff\xfe\x00", Why.NOT_TEXT),
        (b"<html>", Why.NOT_A_CALENDAR),
        (b"PK\x03\x04", Why.NOT_A_CALENDAR),
        (b"x" * 50_000_000, Why.TOO_LARGE),
        (b"BEGIN:VCALENDAR" + b" " * LARGEST, Why.TOO_LARGE),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", Why.DAMAGED),
    ],
)
def test_what_is_no_calendar_says_why(data: bytes, why: Why) -> None:
    assert read(data, SINCE, UNTIL) == Unreadable(why)


def test_no_more_is_taken_in_than_a_diary_holds() -> None:
    one = event("UID:{n}", START).decode()
    body = re.search(r"BEGIN:VEVENT.*END:VEVENT\r\n", one, re.DOTALL)
    assert body is not None
    many = one.replace(body[0], "".join(body[0].replace("{n}", str(n)) for n in range(MOST_ENTRIES + 50)))
    assert len(entries(many.encode())) == MOST_ENTRIES
    assert skipped(many.encode()) == {Problem.TOO_MANY: 50}


TEXT = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="\\"), min_size=1, max_size=40
)  # a backslash before n or N is read as a new line, by the library too
OUTGOING = st.builds(
    Outgoing,
    st.uuids().map(str),
    st.integers(0, 50),
    st.datetimes(SINCE.replace(day=2, tzinfo=None), UNTIL.replace(month=5, tzinfo=None)).map(
        lambda d: d.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
    st.integers(0, 600),
    TEXT,
    TEXT,
    st.booleans(),
    st.just(SINCE),
)


@given(st.lists(OUTGOING, max_size=5, unique_by=lambda one: one.uid))
def test_what_is_written_is_read_again(outgoing: list[Outgoing]) -> None:
    data = write(outgoing)
    if not outgoing:
        assert entries(data) == ()
        return
    found = {one.uid: one for one in entries(data)}
    assert set(found) == {one.uid for one in outgoing}
    for one in outgoing:
        same = found[one.uid]
        assert (same.starts, same.minutes, same.sequence) == (one.starts, one.minutes, one.sequence)
        assert (same.summary, same.place, same.cancelled) == (one.summary, one.place, one.cancelled)
    assert all(len(line) <= 75 for line in data.splitlines())


@given(st.sampled_from(sorted(ALL)), st.integers(0, 2000), st.binary(max_size=12), st.integers(0, 30))
def test_altered_files_never_raise(name: str, at: int, more: bytes, gone: int) -> None:
    data = ALL[name]
    found = read(data[:at] + more + data[at + gone :], SINCE, UNTIL)
    assert isinstance(found, Unreadable) or len(found.entries) <= MOST_ENTRIES


@given(st.text(max_size=300))
def test_any_value_in_any_property_never_raises(text: str) -> None:
    for prop in (
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "EXDATE",
        "RDATE",
        "RECURRENCE-ID",
        "SEQUENCE",
        "UID",
    ):
        found = read(event("UID:a", START, f"{prop}:{text}"), SINCE, UNTIL)
        assert isinstance(found, Calendar | Unreadable)


def test_an_entry_is_not_longer_than_a_year() -> None:
    [one] = entries(event("UID:a", START, "DTEND:29991231T000000Z"))
    assert timedelta(minutes=one.minutes) == timedelta(days=366)
