"""A forgotten passphrase: the request for the holder of the recovery key, and the reply."""

from collections.abc import Callable
from dataclasses import dataclass, field

import flet as ft

from vigfield.app import NoReply, Open, Request, TooWeak
from vigfield.ui import keywords, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.fields import Field
from vigfield.ui.hooks import boundary, use_desk, use_kept
from vigfield.ui.screens.frame import frame
from vigfield.ui.screens.strength import NewPassphrase, Twice


@dataclass(slots=True)
class _Typed:
    reply: str = ""
    new: Twice = field(default_factory=Twice)


@ft.component
@boundary
def Forgotten(request: Request, leave: Callable[[], None]) -> ft.Control:
    """The request, the number to compare, the reply, and a new passphrase."""
    desk = use_desk()
    typed = use_kept(_Typed)
    fault, set_fault = ft.use_state("")
    busy, set_busy = ft.use_state(False)

    def reply(value: str) -> None:
        typed.reply = value

    async def recover() -> None:
        set_busy(True)
        try:
            sentence = await _recover(desk, typed)
        except BaseException:
            set_busy(False)
            raise
        if sentence:
            set_busy(False)
            set_fault(sentence)

    def submit() -> None:
        sentence = typed.new.problem
        set_fault(sentence)
        if not sentence and not busy:
            desk.spawn(recover())

    return frame(
        parts.heading(keywords.FORGOTTEN_TITLE),
        parts.card(*_request(desk, request)),
        parts.card(
            ft.Text(keywords.PASTE),
            Field("reply", keywords.REPLY, "", ft.use_callback(reply, []), hint=keywords.REPLY_HINT),
            NewPassphrase(typed.new, keywords.NEW, keywords.NEW_AGAIN),
        ),
        parts.notice(fault, error=True, identifier="door-notice"),
        parts.busy(words.OPENING)
        if busy
        else parts.row(
            parts.primary("recover", keywords.OPEN, submit, icon=ft.Icons.LOCK_OPEN),
            parts.link("forgotten-back", keywords.BACK, leave),
        ),
    )


def _request(desk: Desk, request: Request) -> list[ft.Control]:
    line = request.encode()

    async def copy() -> None:
        await ft.Clipboard().set(line)
        desk.say(keywords.COPIED)

    return [
        ft.Text(keywords.SEND),
        parts.tagged("request", ft.Text(line)),
        parts.row(
            parts.secondary(
                "request-copy", keywords.COPY, lambda: desk.spawn(copy()), icon=ft.Icons.CONTENT_COPY
            )
        ),
        ft.Text(keywords.CALL),
        parts.tagged("request-number", parts.strong(request.number)),
    ]


async def _recover(desk: Desk, typed: _Typed) -> str:
    """The sentence to show, or nothing when the vault is open."""
    match await desk.recover(typed.reply, typed.new.first):
        case Open():
            desk.say(keywords.RECOVERED)
            return ""
        case TooWeak(strength):
            return keywords.STRENGTH[strength.verdict]
        case NoReply():
            return keywords.NO_REPLY
