"""What is to be erased and when, and the holds that stop it."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime

import flet as ft

from vigfield.app import HoldDraft, Invalid, Item
from vigfield.model import Hold, HoldKind, What
from vigfield.rules import Refused, Urgency
from vigfield.ui import dutywords, filmwords, parts, refusals, words
from vigfield.ui.desk import Desk
from vigfield.ui.entry import Note
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
from vigfield.ui.places import ErasePlace, FamilyPlace, HoldPlace, SessionPlace, Today

_ICONS = {
    Urgency.DUE: ft.Icons.SCHEDULE,
    Urgency.OVERDUE: ft.Icons.PRIORITY_HIGH,
    Urgency.HELD: ft.Icons.PAUSE_CIRCLE_OUTLINE,
}


@ft.component
@boundary
def DutiesScreen() -> ft.Control:
    """The queue."""
    desk = use_desk()

    async def read() -> tuple[list[Item], datetime | None]:
        return await desk.work.keeping.queue(), await desk.work.practice.clock_behind()

    loaded = use_loaded(read, None)
    head = [
        parts.back(lambda: desk.go(Today()), words.BACK),
        parts.heading(dutywords.DUTIES),
        parts.tagged("duties-what", parts.quiet(dutywords.DUTIES_WHAT)),
    ]
    match loaded:
        case Loading():
            return parts.page(*head)
        case Failed(sentence):
            return parts.page(*head, parts.notice(sentence, error=True))
        case Loaded((items, behind)):
            if behind is not None:
                said = f"{filmwords.clock_behind(behind)} {dutywords.CLOCK}"
                head.append(parts.notice(said, identifier="clock-notice"))
            lines = [_item(desk, number, one) for number, one in enumerate(items, 1)]
            return parts.page(*head, *(lines or [parts.card(parts.quiet(dutywords.NOTHING_DUE))]))


def _item(desk: Desk, number: int, one: Item) -> ft.Control:
    urgency, film = one.erasable.urgency, one.recording
    chip = parts.chip(dutywords.urgency(one), _ICONS[urgency], good=urgency is Urgency.DUE)
    ways = [
        parts.link(
            f"due-session-{number}", dutywords.SEE_SESSION, lambda: desk.go(SessionPlace(film.session))
        )
    ]
    if urgency is not Urgency.HELD:
        ways.insert(0, parts.secondary(f"due-erase-{number}", *_erasing(desk, one)))
    hold = one.erasable.hold
    if hold is not None:
        ways.insert(0, parts.link(f"due-hold-{number}", dutywords.SEE_HOLD, _to_hold(desk, hold)))
    return parts.card(
        parts.strong(dutywords.item(one)),
        chip,
        ft.Text(dutywords.what(one)),
        parts.quiet(dutywords.why(one)),
        *([parts.quiet(dutywords.held(hold))] if hold else []),
        parts.row(*ways),
        identifier=f"due-{number}",
    )


def _to_hold(desk: Desk, hold: Hold) -> parts.Click:
    return lambda: desk.go(HoldPlace(hold.family))


def _erasing(desk: Desk, one: Item) -> tuple[str, parts.Click]:
    film = one.recording
    match one.erasable.due.what:
        case What.FILM:
            return dutywords.ERASE_NOW, lambda: desk.go(ErasePlace(film.id, film.session))
        case What.PICTURES:
            return dutywords.ERASE_PICTURES, lambda: _ask(desk, one)


def _ask(desk: Desk, one: Item) -> None:
    def erase() -> None:
        desk.dismiss()
        desk.spawn(_erase_pictures(desk, one))

    desk.show(
        parts.question(
            title=dutywords.ERASE_PICTURES,
            content=ft.Text(dutywords.PICTURES_SURE),
            actions=[
                parts.link("pictures-keep", words.CANCEL, desk.dismiss),
                parts.final("pictures-erase", dutywords.ERASE_PICTURES, erase),
            ],
        )
    )


async def _erase_pictures(desk: Desk, one: Item) -> None:
    outcome = await desk.work.keeping.erase_pictures(one.recording.id)
    desk.app.announce()
    match outcome:
        case Refused(reason):  # a hold was begun while the question was shown
            desk.say(refusals.REASONS[reason])
        case int():
            desk.say(dutywords.PICTURES_GONE)


@dataclass(slots=True)
class _Typed:
    reason: str = ""


@ft.component
@boundary
def HoldScreen(place: HoldPlace) -> ft.Control:
    """A stop to every destruction."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.keeping.hold_of(place.family), place)
    head = [
        parts.back(lambda: desk.go(FamilyPlace(place.family)), words.BACK),
        parts.heading(dutywords.HOLD),
        parts.quiet(dutywords.HOLD_WHAT),
    ]
    match loaded:
        case Loading():
            return parts.page(*head)
        case Failed(sentence):
            return parts.page(*head, parts.notice(sentence, error=True))
        case Loaded(hold):
            return parts.page(*head, keyed(f"hold-{hold.id if hold else ''}", _Hold, place, hold))


@ft.component
def _Hold(place: HoldPlace, hold: Hold | None) -> ft.Control:
    desk = use_desk()
    typed = use_kept(_Typed)
    kind = use_chosen(lambda: HoldKind.LEGAL.value)
    faults, set_faults = ft.use_state(NO_FAULTS)

    async def save() -> None:
        draft, keeping = HoldDraft(HoldKind(kind.value), typed.reason), desk.work.keeping
        outcome = await (keeping.lift(place.family, draft) if hold else keeping.hold(place.family, draft))
        if isinstance(outcome, Invalid):
            set_faults(dict(outcome.faults))
            return
        desk.go(FamilyPlace(place.family))
        desk.app.announce()
        desk.say(dutywords.HOLD_LIFTED if hold else dutywords.HOLD_BEGAN)

    kinds = {key.value: text for key, text in dutywords.HOLD_KINDS.items()}
    what = (
        parts.notice(dutywords.held(hold), identifier="hold-now")
        if hold
        else parts.choice("hold-kind", dutywords.HOLD_KIND, kinds, kind.value, kind.put)
    )
    return parts.stack([parts.card(what, _reason(typed, hold, faults)), _buttons(desk, place, hold, save)])


def _reason(typed: _Typed, hold: Hold | None, faults: Mapping[str, str]) -> ft.Control:
    def reason(value: str) -> None:
        typed.reason = value

    label = dutywords.HOLD_LIFT_WHY if hold else dutywords.HOLD_REASON
    entry: ft.Control = Note("hold-reason", label, "", reason, fault=faults.get("reason", ""))
    return entry


def _buttons(
    desk: Desk, place: HoldPlace, hold: Hold | None, save: Callable[[], Coroutine[object, object, None]]
) -> ft.Control:
    name, label = ("hold-lift", dutywords.HOLD_LIFT) if hold else ("hold-save", dutywords.HOLD_BEGIN)
    return parts.row(
        parts.primary(name, label, lambda: desk.spawn(save())),
        parts.link("hold-cancel", words.CANCEL, lambda: desk.go(FamilyPlace(place.family))),
    )
