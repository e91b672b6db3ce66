"""The form for a new session."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import flet as ft

from vigfield import clock
from vigfield.app import Invalid, SessionDraft
from vigfield.model import Family, FamilyId, Place, Session, SessionKind
from vigfield.ui import parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.fields import Field
from vigfield.ui.hooks import NO_FAULTS, Loaded, boundary, use_desk, use_kept, use_loaded
from vigfield.ui.places import EditSession, NewSession, SessionPlace, Today

_CYCLES = 12


@dataclass(slots=True)
class _Typed:
    """What is typed; kept out of the state so that typing redraws nothing."""

    room: str = ""
    minutes: str = "60"


@dataclass(frozen=True, slots=True)
class _Chosen:
    family: str
    day: date
    at: time
    kind: str = SessionKind.FILMING.value
    place: str = Place.HOME.value
    cycle: str = "1"


Choose = Callable[..., None]


@ft.component
@boundary
def EditSessionScreen(place: EditSession) -> ft.Control:
    """The form for a session that is there."""
    return parts.page(parts.heading("…"))


@ft.component
@boundary
def NewSessionScreen(place: NewSession) -> ft.Control:
    """The form; for this family, or for one to be chosen."""
    family = place.family
    desk = use_desk()
    diary = desk.work.diary
    loaded = use_loaded(desk.work.people.find, None)
    typed = use_kept(_Typed)
    chosen, set_chosen = ft.use_state(_Chosen(family or "", clock.today(), _next_hour()))
    faults, set_faults = ft.use_state(NO_FAULTS)

    def choose(**changes: Any) -> None:
        set_chosen(lambda old: replace(old, **changes))

    async def save() -> None:
        draft = _draft(chosen, typed)
        outcome = draft if isinstance(draft, Invalid) else await diary.add(draft)
        if isinstance(outcome, Invalid):
            set_faults(dict(outcome.faults))
        elif isinstance(outcome, Session):
            desk.go(SessionPlace(outcome.id))
            desk.say(words.ADDED_SESSION)

    return parts.page(
        parts.back(lambda: desk.go(Today()), words.BACK),
        parts.heading(words.NEW_SESSION),
        *_what(list(loaded.value.families) if isinstance(loaded, Loaded) else [], chosen, choose, faults),
        *_where(chosen, typed, choose, faults),
        _when(desk, chosen, choose),
        _how_long(chosen, typed, choose, faults),
        parts.row(
            parts.primary("session-save", words.SAVE, lambda: desk.spawn(save())),
            parts.link("session-cancel", words.CANCEL, lambda: desk.go(Today())),
        ),
    )


def _what(
    families: list[Family], chosen: _Chosen, choose: Choose, faults: Mapping[str, str]
) -> list[ft.Control]:
    return [
        parts.pick(
            "session-family",
            words.WHICH_FAMILY,
            {family.id: f"{family.code} · {family.infant.name}" for family in families},
            chosen.family,
            lambda v: choose(family=v),
            width=420,
        ),
        parts.fault("family", faults),
        parts.choice(
            "session-kind",
            words.WHAT_KIND,
            {key.value: text for key, text in words.KINDS.items()},
            chosen.kind,
            lambda v: choose(kind=v),
        ),
    ]


def _where(chosen: _Chosen, typed: _Typed, choose: Choose, faults: Mapping[str, str]) -> list[ft.Control]:
    def room(value: str) -> None:
        typed.room = value

    place = parts.choice(
        "session-place",
        words.WHERE,
        {key.value: text for key, text in words.PLACES.items()},
        chosen.place,
        lambda v: choose(place=v),
    )
    if chosen.place != Place.ROOM:
        return [place]
    return [place, Field("session-room", words.ROOM, typed.room, room, fault=faults.get("room", ""))]


def _when(desk: Desk, chosen: _Chosen, choose: Choose) -> ft.Control:
    def picked_day(event: ft.Event[ft.DatePicker]) -> None:
        if isinstance(event.control.value, datetime):
            # Flet sends local midnight as UTC; twelve hours on is the day that was touched.
            choose(day=(event.control.value + timedelta(hours=12)).date())

    def picked_time(event: ft.Event[ft.TimePicker]) -> None:
        if event.control.value is not None:
            choose(at=event.control.value)

    noon = datetime.combine(chosen.day, time(12))
    return parts.row(
        parts.secondary(
            "session-day",
            f"{words.DAY}: {words.day(chosen.day)}",
            lambda: desk.show(ft.DatePicker(value=noon, on_change=picked_day)),
            icon=ft.Icons.CALENDAR_MONTH,
        ),
        parts.secondary(
            "session-time",
            f"{words.TIME}: {chosen.at:%H:%M}",
            lambda: desk.show(ft.TimePicker(value=chosen.at, on_change=picked_time)),
            icon=ft.Icons.SCHEDULE,
        ),
    )


def _how_long(chosen: _Chosen, typed: _Typed, choose: Choose, faults: Mapping[str, str]) -> ft.Control:
    def minutes(value: str) -> None:
        typed.minutes = value

    cycle = parts.pick(
        "session-cycle",
        words.CYCLE,
        {str(number): str(number) for number in range(1, _CYCLES + 1)},
        chosen.cycle,
        lambda v: choose(cycle=v),
        width=160,
    )
    entry = Field("session-minutes", words.HOW_LONG, typed.minutes, minutes, fault=faults.get("minutes", ""))
    return parts.row(cycle, ft.Container(entry, width=160))


def _next_hour() -> time:
    return time(min(clock.local(clock.now()).hour + 1, 23), 0)


def _draft(chosen: _Chosen, typed: _Typed) -> SessionDraft | Invalid:
    if not chosen.family:
        return Invalid({"family": "family"})
    minutes = typed.minutes.strip()
    return SessionDraft(
        family=FamilyId(chosen.family),
        kind=SessionKind(chosen.kind),
        starts=datetime.combine(chosen.day, chosen.at).astimezone(),
        minutes=int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 6 else 0,
        place=Place(chosen.place),
        room=typed.room if chosen.place == Place.ROOM else "",
        cycle=int(chosen.cycle),
    )
