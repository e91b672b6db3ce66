"""The record: what a draft must be to be kept, the day, and the next step of a session."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app.kit import CODE, Tablet, consent_draft, family_draft, session_draft, tablet
from vigfield import clock
from vigfield.app import Given, Invalid, Step
from vigfield.app.drafts import LONGEST_NAME, faults
from vigfield.errors import Unknown
from vigfield.model import (
    DrawnSignature,
    Family,
    FamilyId,
    Kind,
    Place,
    Session,
    SessionId,
    TypedSignature,
)
from vigfield.store import outbox

FAMILY = family_draft()
SESSION = session_draft(FamilyId("f"))
GOOD_NAMES = [
    "O'Neill",
    "Ана-Марија",
    "سامي",
    "می‌نا",
    "田中　花子",
    "Jean\u00a0Luc",
    "Zoë",
    "Nguyễn Thị",
    "😀",
]
BAD_NAMES = {
    "": "missing",
    "   ": "missing",
    "\u200c\u200d": "missing",
    "x" * (LONGEST_NAME + 1): "long",
    "a\nb": "control",
    "a\x00b": "control",
    "a\x7fb": "control",
    "a\u202eb": "control",
    "a\u2066b": "control",
    "a\u2028b": "control",
    "a\ud800b": "control",
    "a\ue000b": "control",
}


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_names_of_many_scripts_are_kept(name: str) -> None:
    assert faults(replace(FAMILY, caregiver=name, infant=name)) == {}


@pytest.mark.parametrize(("name", "fault"), BAD_NAMES.items())
def test_what_is_no_name_is_said(name: str, fault: str) -> None:
    assert faults(replace(FAMILY, caregiver=name, infant=name)) == {"caregiver": fault, "infant": fault}
    assert faults(replace(SESSION, room=name)) == {"room": fault}
    assert faults(replace(SESSION, room=name, place=Place.HOME)) == {}


@pytest.mark.parametrize("code", ["A", "SE-014", " SE-014 ", "x" * 24, "0"])
def test_codes(code: str) -> None:
    assert faults(replace(FAMILY, code=code)) == {}


@pytest.mark.parametrize("code", ["", "-A", "a b", "x" * 25, "é", "A_B", "A\n", "../x", "٣"])
def test_what_is_no_code(code: str) -> None:
    assert faults(replace(FAMILY, code=code)) == ({} if code.strip() == "A" else {"code": "code"})


@pytest.mark.parametrize(
    ("month", "fault"),
    [
        ("2024-00", "month"),
        ("2024-13", "month"),
        ("2024-1", "month"),
        ("-", "month"),
        ("0000-01", "month"),
        ("２０２４-01", "month"),
        ("2024-01\n", "month"),
        (f"{clock.today() + timedelta(days=40):%Y-%m}", "future"),
    ],
)
def test_what_is_no_month_of_birth(month: str, fault: str) -> None:
    assert faults(replace(FAMILY, born=month)) == {"born": fault}


@pytest.mark.parametrize(
    ("change", "fault"),
    [({"minutes": m}, "minutes") for m in (-1, 0, 4, 1441)] + [({"cycle": c}, "cycle") for c in (0, 100)],
)
def test_what_is_no_session(change: dict[str, int], fault: str) -> None:
    assert faults(replace(SESSION, **change)) == {fault: fault}  # type: ignore[arg-type]


def test_what_is_no_consent(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        good = consent_draft(one.family)
        for change, fault in (
            ({"agreed": frozenset()}, {"scopes": "nothing"}),
            ({"valid_until": clock.today() - timedelta(days=1)}, {"valid_until": "past"}),
            ({"signature": DrawnSignature(())}, {"signature": "no-strokes"}),
            ({"signature": DrawnSignature((((1.0, 1.0, 0),),))}, {"signature": "no-strokes"}),
            ({"signature": TypedSignature("  ")}, {"signature": "missing"}),
        ):
            assert await one.work.consenting.give(replace(good, **change)) == Invalid(fault)  # type: ignore[arg-type]
        page = await one.work.practice.family(one.family.id)
        assert page.consents == (one.consent,)
        assert isinstance(await one.work.consenting.give(good), Given)

    on(tmp_path, act)


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_has_one_fault(text: str) -> None:
    found = faults(replace(FAMILY, caregiver=text))
    assert found == {} or (
        set(found) == {"caregiver"} and found["caregiver"] in {"missing", "control", "long"}
    )
    if not found:
        text.encode("utf-8")


Act = Callable[[Tablet], Awaitable[None]]


def on(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


def test_a_code_is_taken_once_however_it_is_typed(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        people = one.work.people
        for code in (CODE, f" {CODE} ", CODE.lower()):
            assert await people.add(family_draft(code)) == Invalid({"code": "taken"}), code
        assert isinstance(await people.add(family_draft("SE-015")), Family)
        assert [family.code for family in (await people.find()).families] == [CODE, "SE-015"]

    on(tmp_path, act)


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        practice = one.work.practice
        for verb in (
            practice.visit(SessionId("no")),
            practice.family(FamilyId("no")),
            one.work.diary.add(session_draft(FamilyId("no"))),
        ):
            with pytest.raises(Unknown):
                await verb  # type: ignore[misc]

    on(tmp_path, act)


def test_a_consent_is_by_and_for_the_people_of_the_family(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        other = await one.work.people.add(family_draft("SE-015"))
        assert isinstance(other, Family)
        theirs = await one.work.diary.add(session_draft(other.id))
        assert isinstance(theirs, Session)
        good = consent_draft(one.family)
        for draft in (
            replace(good, given_by=other.caregivers[0].id),
            replace(good, given_by=one.family.infant.id),
            replace(good, on_camera=(other.infant.id,)),
            replace(good, session=theirs.id),
        ):
            with pytest.raises(Unknown):
                await one.work.consenting.give(draft)
        page = await one.work.practice.family(one.family.id)
        assert page.consents == (one.consent,)

    on(tmp_path, act)


def test_a_change_and_its_item_for_the_service_are_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet) -> None:
        def failing(*_: object) -> int:
            raise ValueError("injected")

        with monkeypatch.context() as patch:
            patch.setattr(outbox, "touch", failing)
            with pytest.raises(ValueError, match="injected"):
                await one.work.people.add(family_draft("SE-015"))
        assert [family.code for family in (await one.work.people.find()).families] == [CODE]
        kinds = [item.kind for item in await one.work.practice.outbox()]
        assert kinds == [
            Kind.PRACTITIONER,
            Kind.INFANT,
            Kind.CAREGIVER,
            Kind.EPISODE,
            Kind.SESSION,
            Kind.CONSENT,
        ]

    on(tmp_path, act)


def test_the_day_has_its_own_sessions_in_order(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        day = clock.today() + timedelta(days=40)
        for at in (time(23, 59), time(0, 0), time(12, 0)):
            await one.work.diary.add(replace(session_draft(one.family.id), starts=_at(day, at)))
        for outside in (
            _at(day, time(0, 0)) - timedelta(seconds=1),
            _at(day + timedelta(days=1), time(0, 0)),
        ):
            await one.work.diary.add(replace(session_draft(one.family.id), starts=outside))
        visits = await one.work.practice.day(day)
        assert [clock.local(v.session.starts).time() for v in visits] == [time(0), time(12), time(23, 59)]

    on(tmp_path, act)


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at).astimezone()


def test_the_next_step_follows_consent_and_film(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        other = await one.work.people.add(family_draft("SE-015"))
        assert isinstance(other, Family)
        await one.work.diary.add(session_draft(other.id))
        steps = {v.family.code: v.step for v in await one.work.practice.day(clock.today())}
        assert steps == {CODE: Step.FILM, "SE-015": Step.TAKE_CONSENT}
        await one.filmed()
        assert (await one.work.practice.visit(one.session.id)).step is Step.LOOK_AT_FILM
        await one.app.withdraw(one.family.id)
        closed = await one.work.practice.visit(one.session.id)
        assert (closed.step, closed.open_films, len(closed.films)) == (Step.NOTHING, (), 1)

    on(tmp_path, act)
