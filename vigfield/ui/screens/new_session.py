"""The form for a session: a new one, or one that is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import flet as ft

from vigfield import clock
from vigfield.app import Invalid, SessionDraft
from vigfield.model import OF_A_FAMILY, Family, FamilyId, PersonId, Place, Session, SessionKind
from vigfield.rules import Clash, Elsewhere, RoomTaken
from vigfield.ui import bidi, calendarwords, months, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.entry import Note, day_button, time_button
from vigfield.ui.fields import Field
from vigfield.ui.hooks import (
    NO_FAULTS,
    Failed,
    Loaded,
    Loading,
    boundary,
    keyed,
    use_chosen,
    use_desk,
    use_kept,
    use_loaded,
)
from vigfield.ui.places import EditSession, FamilyPlace, NewSession, SessionPlace, Today
from vigfield.ui.places import Place as Where
from vigfield.ui.screens.which_family import WhichFamily

_CYCLES = 12
_USUAL = 60


@dataclass(slots=True)
class _Typed:
    """What is typed; kept out of the state so that typing redraws nothing."""

    room: str = ""
    minutes: str = str(_USUAL)
    travel: str = "0"
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Chosen:
    day: date
    at: time
    kind: str = SessionKind.FILMING.value
    place: str = Place.HOME.value
    cycle: str = "1"
    absent: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Start:
    """What the form begins with: the session that is there, if there is one, its family, and the rooms."""

    session: Session | None
    family: Family | None
    rooms: list[str]
    cycle: int


Choose = Any


class _Saving:
    """Whether a session is being saved just now."""

    now = False


@ft.component
@boundary
def NewSessionScreen(place: NewSession) -> ft.Control:
    """A new session; of this family, or of one to be found."""
    desk = use_desk()

    async def read() -> _Start:
        work, id_ = desk.work, place.family
        family = None if id_ is None else await work.people.get(id_)
        cycle = 1 if id_ is None else min(max(await work.diary.next_cycle(id_), 1), _CYCLES)
        return _Start(None, family, await work.diary.rooms(), cycle)

    out = Today() if place.family is None else FamilyPlace(place.family)
    return _shell(read, words.NEW_SESSION, place.day or clock.today(), out)


@ft.component
@boundary
def EditSessionScreen(place: EditSession) -> ft.Control:
    """A session that is there."""
    desk = use_desk()

    async def read() -> _Start:
        visit = await desk.work.practice.visit(place.session)
        return _Start(visit.session, visit.family, await desk.work.diary.rooms(), visit.session.cycle)

    return _shell(read, calendarwords.EDIT, clock.today(), SessionPlace(place.session))


def _shell(read: Any, heading: str, day: date, out: Where) -> ft.Control:
    desk = use_desk()
    loaded = use_loaded(read, "form")
    head = [parts.back(lambda: desk.go(out), words.BACK), parts.heading(heading)]
    match loaded:
        case Loading():
            return parts.page(*head)
        case Failed(sentence):
            return parts.page(*head, parts.notice(sentence, error=True))
        case Loaded(start):
            return parts.page(*head, keyed("form", _Form, start, day, out))


@ft.component
def _Form(start: _Start, day: date, out: Where) -> ft.Control:
    desk = use_desk()
    typed = use_kept(lambda: _typed(start.session))
    whose = use_chosen(lambda: start.family)
    picked = use_chosen(lambda: _chosen(start, day))
    family, chosen, choose = whose.value, picked.value, picked.change
    faults, set_faults = ft.use_state(NO_FAULTS)
    first: Clash | None = None
    clash, set_clash = ft.use_state(first)
    saving = use_kept(_Saving)

    async def save(even_so: bool = False) -> None:
        outcome = await _once(desk, saving, start.session, _draft(whose.value, picked.value, typed, even_so))
        match outcome:
            case Invalid(found):
                set_faults(dict(found))
                set_clash(lambda _: None)
            case RoomTaken() | Elsewhere():
                set_faults(NO_FAULTS)
                set_clash(lambda _: outcome)
            case None:
                return
            case Session(id=id_):
                desk.go(SessionPlace(id_))
                desk.say(calendarwords.CHANGED if start.session else words.ADDED_SESSION)
                desk.app.tell_soon()

    return parts.stack(
        [
            *_what(chosen, choose),
            parts.fault("kind", faults),
            *_whose(start, family, whose.put, chosen, faults),
            *_where(start.rooms, chosen, typed, choose, faults),
            *_when(desk, chosen, choose),
            _how_long(chosen, typed, choose, faults),
            *_who(family, chosen, choose),
            parts.fault("on_camera", faults),
            _note(typed, faults),
            *_clash(clash, lambda: desk.spawn(save(even_so=True))),
            parts.look_above(faults),
            parts.row(
                parts.primary("session-save", words.SAVE, lambda: desk.spawn(save())),
                parts.link("session-cancel", words.CANCEL, lambda: desk.go(out)),
            ),
        ]
    )


async def _once(
    desk: Desk, saving: _Saving, session: Session | None, draft: SessionDraft
) -> Session | Invalid | Clash | None:
    """Add or change a session; nothing for a second tap on the same button."""
    if saving.now:
        return None
    saving.now, diary = True, desk.work.diary
    try:
        return await (diary.change(session.id, draft) if session else diary.add(draft))
    finally:
        saving.now = False


def _what(chosen: _Chosen, choose: Choose) -> list[ft.Control]:
    kinds = {key.value: text for key, text in words.KINDS.items()}
    return [parts.choice("session-kind", words.WHAT_KIND, kinds, chosen.kind, lambda v: choose(kind=v))]


def _whose(
    start: _Start, family: Family | None, set_family: Any, chosen: _Chosen, faults: Mapping[str, str]
) -> list[ft.Control]:
    if chosen.kind not in OF_A_FAMILY:
        return []
    if start.family is not None:
        name = f"{family.code} · {bidi.apart(family.infant.name)}" if family else ""
        return [parts.card(parts.strong(name))]
    return [keyed("which", WhichFamily, family, set_family), parts.fault("family", faults)]


def _where(
    rooms: list[str], chosen: _Chosen, typed: _Typed, choose: Choose, faults: Mapping[str, str]
) -> list[ft.Control]:
    def room(value: str) -> None:
        typed.room = value

    def known(value: str) -> None:
        typed.room = value
        choose()

    places = {key.value: text for key, text in words.PLACES.items()}
    lines = [parts.choice("session-place", words.WHERE, places, chosen.place, lambda v: choose(place=v))]
    if chosen.place == Place.HOME:
        return lines
    if rooms and chosen.place == Place.ROOM:
        names = {name: name for name in rooms}
        lines.append(parts.pick("session-known-room", calendarwords.ROOM_KNOWN, names, typed.room, known))
    entry = keyed(
        f"room-{typed.room if typed.room in rooms else ''}", _Room, typed.room, room, faults.get("room", "")
    )
    return [*lines, entry]


@ft.component
def _Room(initial: str, on_value: Any, fault: str) -> ft.Control:
    entry: ft.Control = Field("session-room", calendarwords.PLACE_NAME, initial, on_value, fault=fault)
    return entry


def _when(desk: Desk, chosen: _Chosen, choose: Choose) -> list[ft.Control]:
    becomes = months.moment(chosen.day, chosen.at)
    asked = datetime.combine(chosen.day, chosen.at)
    return [
        parts.row(
            day_button(desk, "session-day", words.DAY, chosen.day, lambda d: choose(day=d)),
            time_button(desk, "session-time", words.TIME, chosen.at, lambda t: choose(at=t)),
        ),
        parts.notice(calendarwords.skipped(chosen.day, asked, becomes), identifier="session-skipped"),
    ]


def _how_long(chosen: _Chosen, typed: _Typed, choose: Choose, faults: Mapping[str, str]) -> ft.Control:
    def minutes(value: str) -> None:
        typed.minutes = value

    def travel(value: str) -> None:
        typed.travel = value

    numbers = {str(number): str(number) for number in range(1, _CYCLES + 1)}
    cycle = parts.pick(
        "session-cycle", words.CYCLE, numbers, chosen.cycle, lambda v: choose(cycle=v), width=160
    )
    length = Field("session-minutes", words.HOW_LONG, typed.minutes, minutes, fault=faults.get("minutes", ""))
    way = Field("session-travel", calendarwords.TRAVEL, typed.travel, travel, fault=faults.get("travel", ""))
    return parts.row(cycle, ft.Container(length, width=160), ft.Container(way, width=320))


def _who(family: Family | None, chosen: _Chosen, choose: Choose) -> list[ft.Control]:
    """Infant and caregivers are ticked beforehand, others are not: whoever was touched is remembered."""
    if family is None or chosen.kind not in OF_A_FAMILY:
        return []

    def box(number: int, person: PersonId, name: str) -> ft.Control:
        def touched(yes: bool) -> None:
            if yes:
                choose(present=chosen.present | {person}, absent=chosen.absent - {person})
            else:
                choose(present=chosen.present - {person}, absent=chosen.absent | {person})

        return parts.tick(f"session-camera-{number}", name, person in _on_camera(family, chosen), touched)

    boxes = [box(number, person, name) for number, (person, name) in enumerate(family.names.items())]
    return [parts.card(parts.strong(calendarwords.ON_CAMERA), *boxes)]


def _on_camera(family: Family, chosen: _Chosen) -> tuple[PersonId, ...]:
    usual = {family.infant.id, *(one.id for one in family.caregivers)}
    return tuple(
        person
        for person in family.names
        if person in chosen.present or (person in usual and person not in chosen.absent)
    )


def _note(typed: _Typed, faults: Mapping[str, str]) -> ft.Control:
    def note(value: str) -> None:
        typed.note = value

    entry: ft.Control = Note(
        "session-note", calendarwords.NOTES, typed.note, note, fault=faults.get("note", "")
    )
    return entry


def _clash(found: Clash | None, even_so: parts.Click) -> list[ft.Control]:
    if found is None:
        return [parts.notice("", identifier="session-clash")]
    said = parts.notice(calendarwords.clash(found), error=True, identifier="session-clash")
    if isinstance(found, RoomTaken):
        return [said]
    return [said, parts.row(parts.secondary("session-even-so", calendarwords.EVEN_SO, even_so))]


def _typed(session: Session | None) -> _Typed:
    if session is None:
        return _Typed()
    return _Typed(session.room, str(session.minutes), str(session.travel), session.note)


def _chosen(start: _Start, day: date) -> _Chosen:
    session = start.session
    if session is None:
        return _Chosen(day, _next_hour(), cycle=str(start.cycle))
    local = clock.local(session.starts)
    names = start.family.names if start.family else {}
    return _Chosen(
        local.date(),
        local.time().replace(tzinfo=None),
        session.kind.value,
        session.place.value,
        str(session.cycle),
        frozenset(set(names) - set(session.on_camera)),
        frozenset(session.on_camera),
    )


def _next_hour() -> time:
    return time(min(clock.local(clock.now()).hour + 1, 23), 0)


def _draft(family: Family | None, chosen: _Chosen, typed: _Typed, even_so: bool) -> SessionDraft:
    kind = SessionKind(chosen.kind)
    about = family if kind in OF_A_FAMILY else None
    return SessionDraft(
        family=None if about is None else FamilyId(about.id),
        kind=kind,
        starts=months.moment(chosen.day, chosen.at),
        minutes=_number(typed.minutes),
        place=Place(chosen.place),
        room=typed.room if chosen.place != Place.HOME else "",
        cycle=int(chosen.cycle),
        travel=_number(typed.travel or "0"),
        note=typed.note,
        on_camera=None if about is None else _on_camera(about, chosen),
        even_so=even_so,
    )


def _number(text: str) -> int:
    """A number as it was typed; -1 for anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
