"""First start and unlock: the only screens that exist while the vault is locked."""

import flet as ft

from vigfield.app import Covered, Locked, Open, Request, Throttled, TooWeak, Wrong
from vigfield.ui import doorwords, keywords, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.fields import Field
from vigfield.ui.hooks import boundary, use_desk, use_kept
from vigfield.ui.screens.doors import another, way_back
from vigfield.ui.screens.forgotten import Forgotten
from vigfield.ui.screens.frame import frame
from vigfield.ui.screens.strength import NewPassphrase, Twice

_NO_REQUEST: Request | None = None


@ft.component
@boundary
def Start() -> ft.Control:
    """Make a vault."""
    desk = use_desk()
    typed = use_kept(Twice)
    fault, set_fault = ft.use_state("")
    busy, set_busy = ft.use_state(False)

    async def make() -> None:
        set_busy(True)
        outcome = await desk.create(typed.first)
        if isinstance(outcome, TooWeak):
            set_busy(False)
            set_fault(keywords.STRENGTH[outcome.strength.verdict])

    def submit() -> None:
        sentence = typed.problem
        set_fault(sentence)
        if not sentence and not busy:
            desk.spawn(make())

    return frame(
        parts.heading(words.WELCOME),
        parts.quiet(words.WELCOME_WHY),
        *([parts.notice(words.DEMO_WHY, identifier="demo-notice")] if desk.app.demo else []),
        NewPassphrase(typed, words.PASSPHRASE, words.PASSPHRASE_AGAIN, True),
        parts.quiet(words.NO_RECOVERY),
        parts.notice(fault, error=True, identifier="door-notice"),
        parts.busy(words.MAKING) if busy else parts.primary("make-vault", words.MAKE_VAULT, submit),
        *([way_back(desk)] if desk.app.neighbours and not busy else []),
    )


@ft.component
@boundary
def Unlock() -> ft.Control:
    """Open the vault, or ask the holder of the recovery key to help."""
    desk = use_desk()
    request, set_request = ft.use_state(_NO_REQUEST)
    fault, set_fault = ft.use_state("")

    async def ask() -> None:
        found = await desk.app.request()
        set_request(found)
        set_fault("" if found else keywords.NO_HELP)

    if request is not None:
        return Forgotten(request, lambda: set_request(None))
    return _Known(fault, lambda: desk.spawn(ask()))


@ft.component
@boundary
def _Known(no_help: str, ask: parts.Click) -> ft.Control:
    desk = use_desk()
    typed = use_kept(Twice)
    fault, set_fault = ft.use_state("")
    busy, set_busy = ft.use_state(False)

    def first(value: str) -> None:
        typed.first = value

    async def open_it() -> None:
        set_busy(True)
        sentence = await _unlock(desk, typed.first)
        if sentence:
            set_busy(False)
            set_fault(sentence)

    def submit() -> None:
        if busy:
            return
        if typed.first:
            desk.spawn(open_it())
        else:
            set_fault(words.EMPTY_PASSPHRASE)

    covered = isinstance(desk.app.state, Covered)
    entry = Field(
        "passphrase",
        words.PASSPHRASE,
        "",
        ft.use_callback(first, []),
        secret=True,
        focus=True,
        on_submit=submit,
    )
    return frame(
        parts.heading(words.UNLOCK_TITLE),
        parts.quiet(words.COVERED_WHY if covered else words.UNLOCK_WHY),
        *([_name(desk)] if desk.app.neighbours else []),
        entry,
        parts.notice(fault or no_help, error=True, identifier="door-notice"),
        parts.busy(words.OPENING)
        if busy
        else parts.primary("unlock", words.UNLOCK, submit, icon=ft.Icons.LOCK_OPEN),
        *([] if covered or busy else [parts.link("forgotten", keywords.FORGOTTEN, ask), *_others(desk)]),
    )


def _name(desk: Desk) -> ft.Control:
    name = doorwords.own(desk.app.vault, desk.app.entries)
    return parts.chip(name.words, name.icon, good=True)


def _others(desk: Desk) -> list[ft.Control]:
    """On a tablet that practitioners share: the other vaults, or a first one beside this."""
    if not desk.app.shared or not isinstance(desk.app.state, Locked):
        return []
    return [way_back(desk) if desk.app.neighbours else another(desk)]


async def _unlock(desk: Desk, passphrase: str) -> str:
    """Try a passphrase; the sentence to show, or nothing when the vault is open."""
    outcome = await desk.unlock(passphrase)
    match outcome:
        case Open(work):
            if work.recovered:
                desk.say(words.RECOVERED)
            return ""
        case Wrong(left):
            return words.wrong(left)
        case Throttled(seconds):
            return words.throttled(seconds)
