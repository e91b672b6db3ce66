"""Sessions: planning one, and a session's page with its consent, its films and its next step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import flet as ft

from vigfield import clock
from vigfield.app import Invalid, SessionDraft, Visit
from vigfield.model import Family, FamilyId, Place, Recording, RecordingState, SessionId, SessionKind
from vigfield.rules import Allowed, Refused
from vigfield.ui import parts, words
from vigfield.ui.actions import open_camera, open_film
from vigfield.ui.desk import Desk
from vigfield.ui.fields import Field
from vigfield.ui.hooks import NO_FAULTS, Failed, Loaded, Loading, boundary, use_desk, use_kept, use_loaded
from vigfield.ui.places import ConsentPlace, SessionPlace, Today

_PLAYABLE = (RecordingState.WHOLE, RecordingState.INTERRUPTED)


@dataclass(slots=True)
class _Typed:
    room: str = ""
    minutes: str = "60"


@dataclass(frozen=True, slots=True)
class _Chosen:
    family: str
    kind: str = SessionKind.FILMING.value
    place: str = Place.HOME.value
    cycle: str = "1"
    day: date = date.min
    at: time = time(0, 0)


def _next_hour() -> time:
    return time(min(clock.local(clock.now()).hour + 1, 23), 0)


@ft.component
@boundary
def NewSessionScreen(family: FamilyId | None) -> ft.Control:
    """The form for a new session."""
    desk = use_desk()
    practice = desk.work.work.practice
    loaded = use_loaded(practice.families, None)
    typed = use_kept(_Typed)
    chosen, set_chosen = ft.use_state(_Chosen(family or "", day=clock.today(), at=_next_hour()))
    faults, set_faults = ft.use_state(NO_FAULTS)

    async def save() -> None:
        if not chosen.family:
            set_faults({"family": "family"})
            return
        outcome = await practice.add_session(_draft(chosen, typed))
        if isinstance(outcome, Invalid):
            set_faults(dict(outcome.faults))
        else:
            desk.say(words.ADDED_SESSION)
            desk.go(SessionPlace(outcome.id))

    def choose(**changes: Any) -> None:
        set_chosen(lambda old: replace(old, **changes))

    families = loaded.value if isinstance(loaded, Loaded) else []
    return parts.page(
        parts.back(lambda: desk.go(Today()), words.BACK),
        parts.heading(words.NEW_SESSION),
        parts.pick(
            "session-family",
            words.WHICH_FAMILY,
            {item.id: _label(item) for item in families},
            chosen.family,
            lambda v: choose(family=v),
            width=420,
        ),
        parts.notice(words.FAULTS.get(faults.get("family", ""), ""), error=True),
        parts.choice(
            "session-kind",
            words.WHAT_KIND,
            {key.value: text for key, text in words.KINDS.items()},
            chosen.kind,
            lambda v: choose(kind=v),
        ),
        parts.choice(
            "session-place",
            words.WHERE,
            {key.value: text for key, text in words.PLACES.items()},
            chosen.place,
            lambda v: choose(place=v),
        ),
        *_room(chosen, typed, faults),
        _when(desk, chosen, choose),
        parts.row(
            parts.pick(
                "session-cycle",
                words.CYCLE,
                {str(n): str(n) for n in range(1, 13)},
                chosen.cycle,
                lambda v: choose(cycle=v),
                width=160,
            ),
            ft.Container(
                Field(
                    "session-minutes",
                    words.HOW_LONG,
                    typed.minutes,
                    lambda v: setattr(typed, "minutes", v),
                    fault=faults.get("minutes", ""),
                ),
                width=160,
            ),
        ),
        parts.row(
            parts.primary("session-save", words.SAVE, lambda: desk.spawn(save())),
            parts.link("session-cancel", words.CANCEL, lambda: desk.go(Today())),
        ),
    )


def _draft(chosen: _Chosen, typed: _Typed) -> SessionDraft:
    return SessionDraft(
        family=FamilyId(chosen.family),
        kind=SessionKind(chosen.kind),
        starts=datetime.combine(chosen.day, chosen.at).astimezone(),
        minutes=int(typed.minutes) if typed.minutes.isascii() and typed.minutes.isdigit() else 0,
        place=Place(chosen.place),
        room=typed.room if chosen.place == Place.ROOM else "",
        cycle=int(chosen.cycle),
    )


def _label(family: Family) -> str:
    return f"{family.code} · {family.infant.name}"


def _room(chosen: _Chosen, typed: _Typed, faults: Mapping[str, str]) -> list[ft.Control]:
    if chosen.place != Place.ROOM:
        return []

    def keep(value: str) -> None:
        typed.room = value

    return [Field("session-room", words.ROOM, typed.room, keep, fault=faults.get("room", ""))]


def _when(desk: Desk, chosen: _Chosen, choose: Callable[..., None]) -> ft.Control:
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


@ft.component
@boundary
def SessionScreen(session: SessionId) -> ft.Control:
    """One session."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.work.practice.visit(session), session)
    back = parts.back(lambda: desk.go(Today()), words.BACK)
    match loaded:
        case Loading():
            return parts.page(back)
        case Failed(sentence):
            return parts.page(back, parts.notice(sentence, error=True))
        case Loaded(visit):
            return parts.page(back, *_visit(desk, visit))


def _visit(desk: Desk, visit: Visit) -> list[ft.Control]:
    session, family = visit.session, visit.family
    names = ", ".join(caregiver.name for caregiver in family.caregivers)
    return [
        parts.heading(f"{words.KINDS[session.kind]} · {family.code}"),
        parts.card(
            parts.strong(f"{names} · {family.infant.name}, {words.age(family.infant)}"),
            parts.quiet(
                f"{words.when(session.starts)} · {words.where(session)} · {words.CYCLE} {session.cycle}"
            ),
        ),
        _consent(desk, visit),
        _films(desk, visit),
    ]


def _consent(desk: Desk, visit: Visit) -> ft.Control:
    session = visit.session.id
    match visit.verdict:
        case Allowed():
            camera = parts.primary(
                "film", words.FILM, lambda: open_camera(desk, session), icon=ft.Icons.VIDEOCAM
            )
            state = parts.chip(words.CONSENT_HERE, ft.Icons.CHECK_CIRCLE_OUTLINE, good=True)
            change = parts.link("take-consent", words.CONSENT_CHANGE, lambda: desk.go(ConsentPlace(session)))
            return parts.card(state, parts.row(camera, change))
        case Refused(reason):
            take = parts.primary(
                "take-consent",
                words.TAKE_CONSENT,
                lambda: desk.go(ConsentPlace(session)),
                icon=ft.Icons.EDIT_DOCUMENT,
            )
            camera = parts.secondary(
                "film", words.FILM, lambda: open_camera(desk, session), icon=ft.Icons.VIDEOCAM
            )
            why = parts.notice(words.REASONS[reason], identifier="film-refused")
            return parts.card(why, parts.row(take, camera))


def _films(desk: Desk, visit: Visit) -> ft.Control:
    lines = [_film(desk, film) for film in visit.films]
    return parts.card(parts.title(words.FILMS), *(lines or [parts.quiet(words.NO_FILMS)]))


def _film(desk: Desk, film: Recording) -> ft.Control:
    facts: list[ft.Control] = [
        parts.strong(words.film(film)),
        parts.tagged(f"film-state-{film.id}", parts.quiet(words.FILM_STATES[film.state])),
        *(parts.quiet(line) for line in words.events(film)),
    ]
    if film.state in _PLAYABLE:
        play = parts.secondary(
            f"play-{film.id}", words.PLAY, lambda: open_film(desk, film), icon=ft.Icons.PLAY_ARROW
        )
        facts.append(parts.row(play))
    return parts.stack(facts)
