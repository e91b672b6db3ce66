"""The forms for a family: what is known of it, and the end of the work with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import flet as ft

from vigfield import clock
from vigfield.app import DetailsDraft, EndingDraft, Invalid
from vigfield.model import Ending, Family
from vigfield.ui import familywords, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.entry import Note, day_button
from vigfield.ui.fields import Field
from vigfield.ui.hooks import (
    NO_FAULTS,
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
from vigfield.ui.places import EndingPlace, FamilyDetails, FamilyPlace
from vigfield.ui.screens.birth import Birth, birth_line
from vigfield.ui.screens.referral import Told, referral_card


@dataclass(slots=True)
class _Typed:
    """What is typed; kept out of the state so that typing redraws nothing."""

    code: str
    infant: str
    born: Birth
    cycles: str
    court_order: str
    local_authority: str
    told: Told


@ft.component
@boundary
def FamilyDetailsScreen(place: FamilyDetails) -> ft.Control:
    """What is known of it."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.people.get(place.family), place)
    head = [
        parts.back(lambda: desk.go(FamilyPlace(place.family)), words.BACK),
        parts.heading(familywords.DETAILS),
    ]
    match loaded:
        case Loading():
            return parts.page(*head)
        case Failed(sentence):
            return parts.page(*head, parts.notice(sentence, error=True))
        case Loaded(family):
            return parts.page(*head, keyed("form", _Details, family))


@ft.component
def _Details(family: Family) -> ft.Control:
    desk = use_desk()
    typed = use_kept(lambda: _typed(family))
    faults, set_faults = ft.use_state(NO_FAULTS)
    _, redraw = ft.use_state(0)

    async def save() -> None:
        outcome = await desk.work.people.change(family.id, _draft(typed))
        if isinstance(outcome, Invalid):
            set_faults(dict(outcome.faults))
            return
        desk.go(FamilyPlace(family.id))
        desk.say(familywords.SAVED)
        desk.app.tell_soon()

    return parts.stack(
        [
            parts.card(*_known(typed, faults, lambda: redraw(lambda n: n + 1))),
            referral_card(desk, typed.told, lambda: redraw(lambda n: n + 1), faults),
            parts.look_above(faults),
            parts.row(
                parts.primary("details-save", words.SAVE, lambda: desk.spawn(save())),
                parts.link("details-cancel", words.CANCEL, lambda: desk.go(FamilyPlace(family.id))),
            ),
        ]
    )


def _known(typed: _Typed, faults: Mapping[str, str], redraw: parts.Click) -> list[ft.Control]:
    def put(name: str) -> Any:
        return lambda value: setattr(typed, name, value)

    def choose(birth: Birth) -> None:
        typed.born = birth
        redraw()

    def field(name: str, label: str, fault: str = "") -> ft.Control:
        said = faults.get(fault or name, "")
        control: ft.Control = Field(f"details-{name}", label, getattr(typed, name), put(name), fault=said)
        return control

    return [
        field("code", words.CODE),
        field("infant", words.INFANT),
        *birth_line("details-birth", typed.born, choose, faults),
        field("cycles", familywords.PLANNED, "planned_cycles"),
        Note(
            "details-court-order",
            familywords.COURT_ORDER,
            typed.court_order,
            put("court_order"),
            fault=faults.get("court_order", ""),
        ),
        Note(
            "details-local-authority",
            familywords.LOCAL_AUTHORITY,
            typed.local_authority,
            put("local_authority"),
            fault=faults.get("local_authority", ""),
        ),
    ]


def _typed(family: Family) -> _Typed:
    return _Typed(
        family.code,
        family.infant.name,
        Birth.of(family.infant.born),
        str(family.intervention.planned_cycles),
        family.court_order,
        family.local_authority,
        Told.of(family.referral),
    )


def _draft(typed: _Typed) -> DetailsDraft:
    cycles = typed.cycles.strip()
    return DetailsDraft(
        code=typed.code,
        infant=typed.infant,
        born=typed.born.born,
        referral=typed.told.value,
        planned_cycles=int(cycles) if cycles.isascii() and cycles.isdigit() and len(cycles) < 4 else 0,
        court_order=typed.court_order,
        local_authority=typed.local_authority,
    )


@dataclass(slots=True)
class _Last:
    note: str = ""


@ft.component
@boundary
def EndingScreen(place: EndingPlace) -> ft.Control:
    """The end of the work."""
    desk = use_desk()
    last = use_kept(_Last)
    day, ending = use_chosen(clock.today), use_chosen(lambda: Ending.COMPLETED.value)
    faults, set_faults = ft.use_state(NO_FAULTS)

    async def save() -> None:
        outcome = await desk.work.people.end(
            place.family, EndingDraft(day.value, Ending(ending.value), last.note)
        )
        if isinstance(outcome, Invalid):
            set_faults(dict(outcome.faults))
            return
        desk.go(FamilyPlace(place.family))
        desk.say(familywords.SAVED)

    return parts.page(
        parts.back(lambda: desk.go(FamilyPlace(place.family)), words.BACK),
        parts.heading(familywords.END),
        parts.card(*_ending(desk, last, day, ending, faults)),
        parts.row(
            parts.primary("ending-save", words.SAVE, lambda: desk.spawn(save())),
            parts.link("ending-cancel", words.CANCEL, lambda: desk.go(FamilyPlace(place.family))),
        ),
    )


def _ending(
    desk: Desk, last: _Last, day: Chosen[date], ending: Chosen[str], faults: Mapping[str, str]
) -> list[ft.Control]:
    def note(value: str) -> None:
        last.note = value

    return [
        parts.row(day_button(desk, "ending-day", familywords.END_DAY, day.value, day.put)),
        parts.fault("day", faults),
        parts.choice(
            "ending-why",
            familywords.END_WHY,
            {key.value: text for key, text in familywords.ENDINGS.items()},
            ending.value,
            ending.put,
        ),
        Note("ending-note", familywords.END_NOTE, last.note, note, fault=faults.get("note", "")),
    ]
