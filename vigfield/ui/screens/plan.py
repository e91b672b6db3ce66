"""The next cycles of a family, proposed and planned."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import flet as ft

from vigfield import clock
from vigfield.app import Invalid, Proposal, SessionDraft
from vigfield.model import Family, Place, SessionKind
from vigfield.rules import Elsewhere, RoomTaken
from vigfield.ui import calendarwords, months, parts, refusals, words
from vigfield.ui.desk import Desk
from vigfield.ui.entry import day_button, time_button
from vigfield.ui.fields import Field
from vigfield.ui.hooks import (
    Chosen,
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
from vigfield.ui.places import FamilyPlace, PlanCycles

_MINUTES = 60


@dataclass(slots=True)
class _Typed:
    """What is typed; kept out of the state so that typing redraws nothing."""

    room: str = ""


@dataclass(frozen=True, slots=True)
class _Chosen:
    day: date
    at: time = time(10)
    every: str = "14"
    count: str = "3"
    reviews: bool = True
    place: str = Place.HOME.value


@dataclass(frozen=True, slots=True)
class _Line:
    proposal: Proposal
    wanted: bool = True


@ft.component
@boundary
def PlanScreen(place: PlanCycles) -> ft.Control:
    """What is proposed."""
    desk = use_desk()

    async def read() -> tuple[Family, int]:
        return await desk.work.people.get(place.family), await desk.work.diary.next_cycle(place.family)

    loaded = use_loaded(read, place)
    head = [
        parts.back(lambda: desk.go(FamilyPlace(place.family)), words.BACK),
        parts.heading(calendarwords.PLAN),
    ]
    match loaded:
        case Loading():
            return parts.page(*head)
        case Failed(sentence):
            return parts.page(*head, parts.notice(sentence, error=True))
        case Loaded((family, cycle)):
            return parts.page(*head, keyed("plan", _Plan, family, cycle))


_NO_LINES: tuple[_Line, ...] = ()


@ft.component
def _Plan(family: Family, cycle: int) -> ft.Control:
    desk = use_desk()
    typed = use_kept(_Typed)
    left = max(family.intervention.planned_cycles - cycle + 1, 1)
    picked = use_chosen(lambda: _Chosen(clock.today() + timedelta(days=7), count=str(min(left, 8))))
    lines = use_chosen(lambda: _NO_LINES)
    said, set_said = ft.use_state("")

    async def propose() -> None:
        chosen = picked.value
        found = await desk.work.diary.propose(
            _first(family, cycle, chosen, typed),
            int(chosen.every),
            int(chosen.count),
            with_reviews=chosen.reviews,
        )
        lines.put(tuple(_Line(one) for one in found))
        set_said("")

    async def plan() -> None:
        drafts = [line.proposal.draft for line in lines.value if line.wanted]
        outcome = await desk.work.diary.plan(drafts) if drafts else None
        match outcome:
            case None:
                set_said(calendarwords.NOTHING_PLANNED)
            case Invalid(faults):
                set_said(_first_fault(faults))
            case RoomTaken() | Elsewhere():
                set_said(calendarwords.clash(outcome))
            case _:
                desk.go(FamilyPlace(family.id))
                desk.say(calendarwords.PLANNED)
                desk.app.tell_soon()

    return parts.stack(
        [
            parts.card(*_wishes(desk, picked.value, typed, picked.change)),
            parts.row(parts.secondary("plan-propose", calendarwords.PROPOSE, lambda: desk.spawn(propose()))),
            *_proposed(lines),
            parts.notice(said, error=True, identifier="plan-clash"),
            *_save(desk, family, lines.value, lambda: desk.spawn(plan())),
        ]
    )


def _wishes(desk: Desk, chosen: _Chosen, typed: _Typed, choose: Any) -> list[ft.Control]:
    def room(value: str) -> None:
        typed.room = value

    counts = {str(number): str(number) for number in range(1, 9)}
    places = {key.value: text for key, text in words.PLACES.items()}
    lines = [
        parts.row(
            day_button(desk, "plan-first-day", calendarwords.FIRST_DAY, chosen.day, lambda d: choose(day=d)),
            time_button(desk, "plan-time", words.TIME, chosen.at, lambda t: choose(at=t)),
        ),
        parts.choice(
            "plan-every",
            calendarwords.EVERY,
            calendarwords.INTERVALS,
            chosen.every,
            lambda v: choose(every=v),
            width=160,
        ),
        parts.pick("plan-count", calendarwords.HOW_MANY, counts, chosen.count, lambda v: choose(count=v)),
        parts.tick(
            "plan-reviews", calendarwords.WITH_REVIEWS, chosen.reviews, lambda yes: choose(reviews=yes)
        ),
        parts.choice("plan-place", words.WHERE, places, chosen.place, lambda v: choose(place=v)),
    ]
    if chosen.place != Place.HOME:
        lines.append(Field("plan-room", calendarwords.PLACE_NAME, typed.room, room))
    return lines


def _proposed(lines: Chosen[tuple[_Line, ...]]) -> list[ft.Control]:
    if not lines.value:
        return []
    cards = [_line(lines, number) for number in range(1, len(lines.value) + 1)]
    return [parts.title(calendarwords.PROPOSED), *cards]


def _line(lines: Chosen[tuple[_Line, ...]], number: int) -> ft.Control:
    line = lines.value[number - 1]
    draft, clash = line.proposal.draft, line.proposal.clash
    when = f"{words.day(clock.local(draft.starts).date())}, {words.time(draft.starts)}"
    what = f"{words.KINDS[draft.kind]} · {words.CYCLE} {draft.cycle}"

    def put(**changes: Any) -> None:
        now = lines.value
        lines.put((*now[: number - 1], replace(now[number - 1], **changes), *now[number:]))

    def move(days: int) -> None:
        draft = lines.value[number - 1].proposal.draft
        local = clock.local(draft.starts)
        starts = months.moment(local.date() + timedelta(days=days), local.time().replace(tzinfo=None))
        put(proposal=Proposal(replace(draft, starts=starts), None))

    return parts.card(
        parts.tick(
            f"plan-line-{number}",
            f"{when} · {what}",
            line.wanted,
            lambda yes: put(wanted=yes),
        ),
        *([parts.notice(calendarwords.clash(clash), identifier=f"plan-clash-{number}")] if clash else []),
        parts.row(
            parts.link(f"plan-earlier-{number}", calendarwords.EARLIER, lambda: move(-1)),
            parts.link(f"plan-later-{number}", calendarwords.LATER, lambda: move(1)),
        ),
    )


def _save(desk: Desk, family: Family, lines: tuple[_Line, ...], plan: parts.Click) -> list[ft.Control]:
    cancel = parts.link("plan-cancel", words.CANCEL, lambda: desk.go(FamilyPlace(family.id)))
    if not lines:
        return [parts.row(cancel)]
    return [parts.row(parts.primary("plan-save", calendarwords.PLAN_THESE, plan), cancel)]


def _first(family: Family, cycle: int, chosen: _Chosen, typed: _Typed) -> SessionDraft:
    return SessionDraft(
        family=family.id,
        kind=SessionKind.FILMING,
        starts=datetime.combine(chosen.day, chosen.at).astimezone(),
        minutes=_MINUTES,
        place=Place(chosen.place),
        room=typed.room if chosen.place != Place.HOME else "",
        cycle=cycle,
    )


def _first_fault(faults: Mapping[str, str]) -> str:
    return next((refusals.FAULTS.get(fault, fault) for fault in faults.values()), "")
