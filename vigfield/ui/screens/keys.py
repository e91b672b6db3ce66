"""Settings: another passphrase, and who can help when it is forgotten."""

from dataclasses import dataclass, field

import flet as ft

from vigfield.app import PublicKey, Renewed, Throttled, TooWeak, Wrong, recipient_from
from vigfield.ui import keywords, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.fields import Field
from vigfield.ui.hooks import Loaded, boundary, use_desk, use_kept, use_loaded
from vigfield.ui.places import PassphrasePlace, RecoveryPlace, Settings
from vigfield.ui.screens.strength import NewPassphrase, Twice

_NO_KEY: PublicKey | None = None


@dataclass(slots=True)
class _Typed:
    old: str = ""
    new: Twice = field(default_factory=Twice)


def way_to_keys(desk: Desk) -> list[ft.Control]:
    """For the settings: to both."""
    return [
        parts.title(keywords.KEYS_TITLE),
        parts.quiet(keywords.KEYS_WHAT),
        parts.row(
            parts.secondary("change-passphrase", keywords.CHANGE, lambda: desk.go(PassphrasePlace())),
            parts.secondary("recovery", keywords.RECOVERY_TITLE, lambda: desk.go(RecoveryPlace())),
        ),
    ]


@ft.component
@boundary
def PassphraseScreen() -> ft.Control:
    """The passphrase now, the new one, and the new one again."""
    desk = use_desk()
    typed = use_kept(_Typed)
    fault, set_fault = ft.use_state("")
    busy, set_busy = ft.use_state(False)

    def old(value: str) -> None:
        typed.old = value

    async def change() -> None:
        set_busy(True)
        try:
            sentence = _said(await desk.work.keys.change(typed.old, typed.new.first))
        finally:
            set_busy(False)
        set_fault(sentence)
        if not sentence:
            desk.go(Settings())
            desk.say(keywords.CHANGED)

    def submit() -> None:
        sentence = words.EMPTY_PASSPHRASE if not typed.old else typed.new.problem
        set_fault(sentence)
        if not sentence and not busy:
            desk.spawn(change())

    return parts.page(
        parts.back(lambda: desk.go(Settings()), words.BACK),
        parts.heading(keywords.CHANGE),
        Field("passphrase-old", keywords.OLD, "", ft.use_callback(old, []), secret=True, focus=True),
        NewPassphrase(typed.new, keywords.NEW, keywords.NEW_AGAIN),
        parts.quiet(keywords.OLD_COPIES),
        parts.notice(fault, error=True, identifier="keys-notice"),
        parts.busy(keywords.CHANGING)
        if busy
        else parts.row(parts.primary("change-now", keywords.CHANGE_NOW, submit)),
    )


@dataclass(slots=True)
class _Pasted:
    line: str = ""
    passphrase: str = ""


@ft.component
@boundary
def RecoveryScreen() -> ft.Control:
    """Who can help, and who shall."""
    desk = use_desk()
    pasted = use_kept(_Pasted)
    loaded = use_loaded(desk.work.keys.recipient, None)
    recipient = loaded.value if isinstance(loaded, Loaded) else None
    found, set_found = ft.use_state(_NO_KEY)
    fault, set_fault = ft.use_state("")
    busy, set_busy = ft.use_state(False)

    def line(value: str) -> None:
        pasted.line = value
        set_found(recipient_from(value))

    def passphrase(value: str) -> None:
        pasted.passphrase = value

    async def renew(holder: PublicKey | None) -> None:
        set_busy(True)
        try:
            sentence = await _renewed(desk, pasted.passphrase, holder)
        finally:
            set_busy(False)
        set_fault(sentence)
        if not sentence:
            desk.go(Settings())
            desk.say(keywords.GIVEN if holder else keywords.TAKEN)

    def submit(holder: PublicKey | None, nothing: str) -> None:
        sentence = nothing or ("" if pasted.passphrase else words.EMPTY_PASSPHRASE)
        set_fault(sentence)
        if not sentence and not busy:
            desk.spawn(renew(holder))

    def offer() -> None:
        holder = recipient_from(pasted.line)
        submit(holder, "" if holder else keywords.NO_KEY)

    give = parts.primary("recovery-give", keywords.GIVE, offer)
    take = [parts.link("recovery-take", keywords.TAKE_AWAY, lambda: submit(None, ""))] if recipient else []
    return parts.page(
        *_who(desk, recipient),
        Field("recovery-key", keywords.KEY, "", ft.use_callback(line, []), hint=keywords.KEY_HINT),
        *([parts.card(*_number(found))] if found else []),
        Field("recovery-passphrase", keywords.OLD, "", ft.use_callback(passphrase, []), secret=True),
        parts.notice(fault, error=True, identifier="keys-notice"),
        parts.busy(keywords.WORKING) if busy else parts.row(give, *take),
    )


async def _renewed(desk: Desk, passphrase: str, holder: PublicKey | None) -> str:
    """Let this holder help, or nobody; the sentence to show, or nothing when that is so."""
    keys = desk.work.keys
    if holder is None:
        return _said(await keys.let_nobody_recover(passphrase))
    return _said(await keys.let_recover(passphrase, holder))


def _who(desk: Desk, recipient: PublicKey | None) -> list[ft.Control]:
    return [
        parts.back(lambda: desk.go(Settings()), words.BACK),
        parts.heading(keywords.RECOVERY_TITLE),
        parts.card(*_holder(recipient)),
        parts.quiet(keywords.WHAT),
    ]


def _holder(recipient: PublicKey | None) -> list[ft.Control]:
    if recipient is None:
        return [parts.tagged("recovery-now", ft.Text(keywords.NOBODY))]
    return [ft.Text(keywords.SOMEBODY), parts.tagged("recovery-now", parts.strong(recipient.number))]


def _number(found: PublicKey) -> list[ft.Control]:
    return [ft.Text(keywords.COMPARE), parts.tagged("recovery-number", parts.strong(found.number))]


def _said(outcome: Renewed | TooWeak | Wrong | Throttled) -> str:
    """What is wrong, or nothing."""
    match outcome:
        case Renewed():
            return ""
        case TooWeak(strength):
            return keywords.STRENGTH[strength.verdict]
        case Wrong(left):
            return words.wrong(left)
        case Throttled(seconds):
            return words.throttled(seconds)
