"""Consent: one scope a line, nothing ticked beforehand, read back before it is signed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import flet as ft

from vigfield import clock
from vigfield.app import ConsentDraft, Invalid, Visit
from vigfield.model import (
    DrawnSignature,
    Family,
    Footing,
    PersonId,
    Scope,
    SessionId,
    Signature,
    TypedSignature,
)
from vigfield.ui import form, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.fields import Field
from vigfield.ui.hooks import (
    NO_FAULTS,
    Failed,
    Loaded,
    Loading,
    boundary,
    keyed,
    use_desk,
    use_kept,
    use_loaded,
)
from vigfield.ui.places import SessionPlace
from vigfield.ui.signature import WIDTH, SignaturePad, Stroke

_PERIOD = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class _Choices:
    """What is ticked and chosen; nothing is agreed to beforehand."""

    agreed: frozenset[Scope] = frozenset()
    given_by: str = ""
    footing: str = ""
    on_camera: frozenset[str] = frozenset()
    covers: str = "session"
    sign: str = "drawn"
    ticked: bool = False
    pad: int = 0


@dataclass(slots=True)
class _Hand:
    """What is drawn and typed; kept out of the state so that typing redraws nothing."""

    strokes: tuple[Stroke, ...] = field(default=())
    name: str = ""
    present: str = ""


Choose = Callable[..., None]


@ft.component
@boundary
def ConsentScreen(session: SessionId) -> ft.Control:
    """The form for a session."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.practice.visit(session), session)
    back = parts.back(lambda: desk.go(SessionPlace(session)), words.BACK)
    match loaded:
        case Loading():
            return parts.page(back)
        case Failed(sentence):
            return parts.page(back, parts.notice(sentence, error=True))
        case Loaded(visit):
            if visit.family is None:
                return parts.page(back)
            return parts.page(back, parts.heading(words.CONSENT), keyed(session, _Form, visit, visit.family))


@ft.component
def _Form(visit: Visit, family: Family) -> ft.Control:
    desk = use_desk()
    only = family.caregivers[0].id if len(family.caregivers) == 1 else ""
    choices, set_choices = ft.use_state(_Choices(given_by=only, on_camera=frozenset(visit.session.on_camera)))
    hand = use_kept(_Hand)
    faults, set_faults = ft.use_state(NO_FAULTS)

    def choose(**changes: Any) -> None:
        set_choices(lambda old: replace(old, **changes))

    async def sign() -> None:
        draft = _draft(visit, family, choices, hand)
        outcome = draft if isinstance(draft, Invalid) else await desk.app.give(draft)
        if isinstance(outcome, Invalid):
            set_faults(dict(outcome.faults))
        else:
            desk.go(SessionPlace(visit.session.id))
            desk.say(words.SIGNED)

    return ft.Column(
        [
            parts.quiet(form.CONSENT_INTRO),
            parts.card(*(_scope(scope, choices, choose) for scope in Scope)),
            parts.fault("scopes", faults),
            _people(family, choices, choose, faults),
            _terms(choices, choose, hand),
            _read_back(choices),
            _signature(desk, choices, choose, hand, faults),
            parts.row(
                parts.primary(
                    "consent-sign", words.SIGN_SAVE, lambda: desk.spawn(sign()), icon=ft.Icons.DRAW
                ),
                parts.link("consent-cancel", words.CANCEL, lambda: desk.go(SessionPlace(visit.session.id))),
            ),
            parts.quiet(form.SAMPLE_FORM),
        ],
        spacing=20,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _scope(scope: Scope, choices: _Choices, choose: Choose) -> ft.Control:
    label, what = form.SCOPES[scope]

    def change(yes: bool) -> None:
        choose(agreed=choices.agreed | {scope} if yes else choices.agreed - {scope})

    return parts.tick(f"consent-{scope.value}", label, scope in choices.agreed, change, what)


def _people(family: Family, choices: _Choices, choose: Choose, faults: Mapping[str, str]) -> ft.Control:
    people = {family.infant.id: family.infant.name} | {c.id: c.name for c in family.caregivers}

    def seen(person: str, yes: bool) -> None:
        choose(on_camera=choices.on_camera | {person} if yes else choices.on_camera - {person})

    def box(number: int, person: PersonId, name: str) -> ft.Control:
        return parts.tick(
            f"consent-camera-{number}", name, person in choices.on_camera, lambda yes: seen(person, yes)
        )

    return parts.card(
        parts.choice(
            "consent-by",
            words.WHO_CONSENTS,
            {caregiver.id: caregiver.name for caregiver in family.caregivers},
            choices.given_by,
            lambda v: choose(given_by=v),
        ),
        parts.fault("given_by", faults),
        parts.choice(
            "consent-footing",
            words.FOOTING,
            {footing.value: text for footing, text in words.FOOTINGS.items()},
            choices.footing,
            lambda v: choose(footing=v),
            width=None,
        ),
        parts.fault("footing", faults),
        parts.strong(words.ON_CAMERA),
        *(box(number, person, name) for number, (person, name) in enumerate(people.items())),
    )


def _terms(choices: _Choices, choose: Choose, hand: _Hand) -> ft.Control:
    def present(value: str) -> None:
        hand.present = value

    return parts.card(
        parts.choice(
            "consent-covers",
            words.COVERS,
            {"session": words.COVERS_SESSION, "period": words.COVERS_PERIOD},
            choices.covers,
            lambda v: choose(covers=v),
            width=None,
        ),
        Field("consent-present", words.ALSO_PRESENT, "", present),
    )


def _read_back(choices: _Choices) -> ft.Control:
    yes = [form.SCOPES[scope][0] for scope in Scope if scope in choices.agreed]
    no = [form.SCOPES[scope][0] for scope in Scope if scope not in choices.agreed]
    return parts.card(
        parts.title(words.READ_BACK),
        parts.strong(words.YES_TO + ("; ".join(yes) or words.NOBODY)),
        parts.quiet(words.NO_TO + ("; ".join(no) or words.NOBODY)),
        identifier="consent-read-back",
    )


def _signature(
    desk: Desk, choices: _Choices, choose: Choose, hand: _Hand, faults: Mapping[str, str]
) -> ft.Control:
    drawn = choices.sign == "drawn"
    return parts.card(
        parts.choice(
            "consent-signature",
            words.SIGN,
            {"drawn": words.SIGN_DRAWN, "typed": words.SIGN_TYPED},
            choices.sign,
            lambda v: choose(sign=v),
        ),
        *(_drawn(desk, choices, choose, hand) if drawn else _typed(choices, choose, hand)),
        parts.fault("signature", faults),
    )


def _drawn(desk: Desk, choices: _Choices, choose: Choose, hand: _Hand) -> list[ft.Control]:
    def keep(strokes: tuple[Stroke, ...]) -> None:
        hand.strokes = strokes

    def clear() -> None:
        hand.strokes = ()
        choose(pad=choices.pad + 1)

    width = min(WIDTH, desk.layout.width - 120)
    return [
        ft.Row([keyed(f"pad-{choices.pad}", SignaturePad, keep, width)]),
        parts.row(parts.link("signature-clear", words.SIGN_AGAIN, clear, icon=ft.Icons.REFRESH)),
    ]


def _typed(choices: _Choices, choose: Choose, hand: _Hand) -> list[ft.Control]:
    def keep(value: str) -> None:
        hand.name = value

    return [
        Field("signature-name", words.SIGN_NAME, hand.name, keep),
        parts.tick("signature-tick", words.SIGN_TICK, choices.ticked, lambda yes: choose(ticked=yes)),
    ]


def _draft(visit: Visit, family: Family, choices: _Choices, hand: _Hand) -> ConsentDraft | Invalid:
    missing = _missing(choices)
    if missing:
        return Invalid(missing)
    only_this = choices.covers == "session"
    return ConsentDraft(
        family=family.id,
        session=visit.session.id if only_this else None,
        given_by=PersonId(choices.given_by),
        footing=Footing(choices.footing),
        agreed=choices.agreed,
        on_camera=tuple(sorted(PersonId(person) for person in choices.on_camera)),
        also_present=hand.present,
        valid_until=_until(visit, only_this),
        form=form.FORM,
        signature=_signed(choices, hand),
    )


def _missing(choices: _Choices) -> dict[str, str]:
    found = {}
    if not choices.given_by:
        found["given_by"] = "person"
    if not choices.footing:
        found["footing"] = "footing"
    if choices.sign == "typed" and not choices.ticked:
        found["signature"] = "tick"
    return found


def _until(visit: Visit, only_this: bool) -> date:
    today = clock.today()
    return max(today, clock.local(visit.session.starts).date()) if only_this else today + _PERIOD


def _signed(choices: _Choices, hand: _Hand) -> Signature:
    return DrawnSignature(hand.strokes) if choices.sign == "drawn" else TypedSignature(hand.name.strip())
