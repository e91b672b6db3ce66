"""Where a session stands: said by a touch, cancelled with a reason, and taken back when that was not so."""

from typing import assert_never

import flet as ft

from vigfield.app import Invalid
from vigfield.model import Session, SessionId, SessionStatus, Undo
from vigfield.rules import Elsewhere, RoomTaken
from vigfield.ui import bidi, calendarwords, parts, refusals, words
from vigfield.ui.desk import Desk
from vigfield.ui.places import EditSession

_MARKS = {
    SessionStatus.ARRIVED: ("session-arrived", calendarwords.ARRIVED),
    SessionStatus.TOOK_PLACE: ("session-took-place", calendarwords.TOOK_PLACE),
    SessionStatus.DID_NOT_ATTEND: ("session-absent", calendarwords.ABSENT),
}
_SETTLED = (SessionStatus.CANCELLED, SessionStatus.TOOK_PLACE, SessionStatus.DID_NOT_ATTEND)


def standing(desk: Desk, session: Session, *, filmed: bool) -> list[ft.Control]:
    """Where the session stands, and what can be said of it now; a film says for itself that it took place."""
    reason = f": {bidi.apart(session.reason)}" if session.reason else ""
    state = parts.tagged("session-state", parts.strong(words.STATUSES[session.status] + reason))
    edit = parts.link("edit-session", calendarwords.EDIT, lambda: desk.go(EditSession(session.id)))
    if session.status in _SETTLED:
        undo = parts.link("session-undo", calendarwords.UNDO, lambda: _ask_to_undo(desk, session.id))
        return [state, parts.row(*([] if filmed else [undo]), edit)]
    ways = [
        parts.link(name, label, lambda to=status: desk.spawn(_mark(desk, session.id, to)))  # type: ignore[misc]
        for status, (name, label) in _MARKS.items()
        if status is not session.status
    ]
    cancel = parts.link("session-cancelled", calendarwords.CANCEL_SESSION, lambda: _ask_why(desk, session.id))
    return [state, parts.row(*ways), parts.row(edit, cancel)]


async def _mark(desk: Desk, session: SessionId, status: SessionStatus, reason: str = "") -> None:
    outcome = await desk.work.diary.mark(session, status, reason)
    if isinstance(outcome, Invalid):
        desk.say(refusals.FAULTS["missing"])
    _follow(desk)


def _follow(desk: Desk) -> None:
    desk.app.announce()
    desk.app.tell_soon()


def _ask_why(desk: Desk, session: SessionId) -> None:
    """A cancellation has its reason."""
    border = ft.OutlineInputBorder(border_radius=14)
    typed = ft.TextField(autofocus=True, multiline=True, min_lines=2, border=border, expand=True)

    def cancel() -> None:
        if not (typed.value or "").strip():
            desk.say(refusals.FAULTS["missing"])
            return
        desk.dismiss()
        desk.spawn(_mark(desk, session, SessionStatus.CANCELLED, typed.value or ""))

    desk.show(
        parts.question(
            title=calendarwords.CANCEL_SESSION,
            content=parts.titled("cancel-why", calendarwords.CANCEL_WHY, ft.Row([typed])),
            actions=[
                parts.link("cancel-keep", calendarwords.CANCEL_KEEP, desk.dismiss),
                parts.primary("cancel-confirm", calendarwords.CANCEL_SESSION, cancel),
            ],
        )
    )


def _ask_to_undo(desk: Desk, session: SessionId) -> None:
    """It is planned again: one touch on the reason."""

    def undo(why: Undo) -> None:
        desk.dismiss()
        desk.spawn(_undo(desk, session, why))

    whys = [
        parts.secondary(f"undo-{why.value}", label, lambda one=why: undo(one))  # type: ignore[misc]
        for why, label in calendarwords.UNDO_WHYS.items()
    ]
    keep = parts.link("undo-keep", calendarwords.UNDO_KEEP, desk.dismiss)
    what = ft.Column([ft.Text(calendarwords.UNDO_WHAT), parts.strong(calendarwords.UNDO_WHY)], tight=True)
    desk.show(parts.question(title=calendarwords.UNDO, content=what, actions=[keep, *whys]))


async def _undo(desk: Desk, session: SessionId, why: Undo, *, even_so: bool = False) -> None:
    outcome = await desk.work.diary.take_back(session, why, even_so=even_so)
    match outcome:
        case Session():
            _follow(desk)
            desk.say(calendarwords.UNDONE)
        case Invalid(faults):
            desk.say(refusals.FAULTS[faults["status"]])
        case RoomTaken():
            desk.say(calendarwords.clash(outcome))
        case Elsewhere():
            _ask_anyway(desk, calendarwords.clash(outcome), session, why)
        case _:
            assert_never(outcome)


def _ask_anyway(desk: Desk, said: str, session: SessionId, why: Undo) -> None:
    """Another session of one's own is at that time now."""

    def anyway() -> None:
        desk.dismiss()
        desk.spawn(_undo(desk, session, why, even_so=True))

    desk.show(
        parts.question(
            title=calendarwords.UNDO,
            content=ft.Text(said),
            actions=[
                parts.link("undo-keep", calendarwords.UNDO_KEEP, desk.dismiss),
                parts.primary("undo-anyway", calendarwords.EVEN_SO, anyway),
            ],
        )
    )
