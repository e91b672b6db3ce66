"""First start and unlock: the only screens that exist while the vault is locked."""

from dataclasses import dataclass

import flet as ft

from vigfield.app import Covered, Open, Strength, Throttled, TooWeak, Wrong, judge
from vigfield.ui import parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.fields import Field
from vigfield.ui.hooks import boundary, use_desk, use_kept

_NARROW = 520
_NOTHING_TYPED: Strength | None = None


@dataclass(slots=True)
class _Typed:
    first: str = ""
    second: str = ""
    busy: bool = False


@ft.component
@boundary
def Start() -> ft.Control:
    """Make a vault."""
    desk = use_desk()
    typed = use_kept(_Typed)
    strength, set_strength = ft.use_state(_NOTHING_TYPED)
    fault, set_fault = ft.use_state("")
    busy, set_busy = ft.use_state(False)

    def first(value: str) -> None:
        typed.first = value
        set_strength(judge(value) if value else _NOTHING_TYPED)

    def second(value: str) -> None:
        typed.second = value

    async def make() -> None:
        set_busy(True)
        outcome = await desk.create(typed.first)
        if isinstance(outcome, TooWeak):
            set_busy(False)
            set_fault(words.STRENGTH[outcome.strength.verdict])

    def submit() -> None:
        problem = _problem(typed, judge(typed.first))
        set_fault(problem)
        if not problem and not busy:
            desk.spawn(make())

    return _frame(
        parts.heading(words.WELCOME),
        parts.quiet(words.WELCOME_WHY),
        *([parts.notice(words.DEMO_WHY, identifier="demo-notice")] if desk.app.demo else []),
        Field(
            "passphrase",
            words.PASSPHRASE,
            "",
            ft.use_callback(first, []),
            hint=words.PASSPHRASE_HINT,
            secret=True,
            focus=True,
        ),
        _meter(strength),
        Field("passphrase-again", words.PASSPHRASE_AGAIN, "", ft.use_callback(second, []), secret=True),
        parts.quiet(words.NO_RECOVERY),
        parts.notice(fault, error=True, identifier="door-notice"),
        parts.busy(words.MAKING) if busy else parts.primary("make-vault", words.MAKE_VAULT, submit),
    )


@ft.component
@boundary
def Unlock() -> ft.Control:
    """Open the vault."""
    desk = use_desk()
    typed = use_kept(_Typed)
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
    return _frame(
        parts.heading(words.UNLOCK_TITLE),
        parts.quiet(words.COVERED_WHY if covered else words.UNLOCK_WHY),
        Field(
            "passphrase",
            words.PASSPHRASE,
            "",
            ft.use_callback(first, []),
            secret=True,
            focus=True,
            on_submit=submit,
        ),
        parts.notice(fault, error=True, identifier="door-notice"),
        parts.busy(words.OPENING)
        if busy
        else parts.primary("unlock", words.UNLOCK, submit, icon=ft.Icons.LOCK_OPEN),
    )


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


def _problem(typed: _Typed, strength: Strength) -> str:
    if not strength.accepted:
        return words.STRENGTH[strength.verdict]
    return "" if typed.first == typed.second else words.DIFFERENT


def _meter(strength: Strength | None) -> ft.Control:
    said = words.STRENGTH[strength.verdict] if strength else words.STRENGTH_WHY
    good = strength is not None and strength.accepted
    bar = ft.ProgressBar(
        value=strength.score / 4 if strength else 0,
        bar_height=8,
        border_radius=4,
        color=ft.Colors.PRIMARY if good else ft.Colors.TERTIARY,
        semantics_label=said,
    )
    sentence = ft.Semantics(identifier="strength", container=True, live_region=True, content=ft.Text(said))
    return ft.Column([bar, sentence], spacing=8, tight=True)


def _frame(*controls: ft.Control) -> ft.Control:
    mark = ft.Image(src="/icons/mark.svg", width=64, height=64, exclude_from_semantics=True)
    column = ft.Column([mark, *controls], spacing=18, tight=True)
    scrolled = ft.Column(
        [ft.Container(column, width=_NARROW, padding=ft.Padding.symmetric(horizontal=24, vertical=40))],
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        alignment=ft.MainAxisAlignment.CENTER,
    )
    return ft.Container(scrolled, expand=True, alignment=ft.Alignment.CENTER)
