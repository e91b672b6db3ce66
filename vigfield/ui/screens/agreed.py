"""What somebody agreed to: shown again as it was, handed out, and taken back."""

import flet as ft

from vigfield.app import Signed, agrees, facts, form_of
from vigfield.forms import Direction, Form, Label
from vigfield.model import Consent, ConsentStatus, Family, Scope, TypedSignature
from vigfield.rules import Refused
from vigfield.ui import bidi, consentwords, parts, refusals, words
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import AgreedPlace, FamilyPlace, WithdrawPlace
from vigfield.ui.signature import drawing

_WIDEST = 520


@ft.component
@boundary
def AgreedScreen(place: AgreedPlace) -> ft.Control:
    """The form as it was on the screen."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.consenting.versions(place.consent), place.consent)
    back = parts.back(lambda: desk.go(FamilyPlace(place.family)), words.BACK)
    match loaded:
        case Loading():
            return parts.page(back)
        case Failed(sentence):
            return parts.page(back, parts.notice(sentence, error=True))
        case Loaded(signed):
            return parts.page(back, *_shown(desk, signed), *_more(desk, place, signed.versions))


def _shown(desk: Desk, signed: Signed) -> list[ft.Control]:
    """What was said of it by us, and under that the form in the direction of its language."""
    family, versions, consent = signed.family, signed.versions, signed.versions[-1]
    form = form_of(consent)
    texts = [
        ft.Column([parts.strong(s.heading), ft.Text(s.text)], spacing=4, tight=True) for s in form.sections
    ]
    controls = [
        parts.heading(form.say(Label.AGREED)),
        parts.card(*_facts(form, family, consent), identifier="agreed-facts"),
        parts.card(*(_answer(form, consent, scope) for scope in Scope), identifier="agreed-scopes"),
        parts.card(*texts),
        _signature(desk, form, versions),
        parts.quiet(form.notice),
    ]
    directed = ft.Column(
        controls,
        spacing=20,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        rtl=form.direction is Direction.RTL,
    )
    return [_said(signed), directed]


def _said(signed: Signed) -> ft.Control:
    if not signed.as_signed:
        return parts.notice(consentwords.ALTERED, error=True, identifier="agreed-altered")
    consent = signed.versions[-1]
    checked = f" {consentwords.AS_SIGNED}" if consent.digest else ""
    return parts.quiet((consentwords.AGREED_AGAIN if consent.shown else consentwords.NOT_KEPT) + checked)


def _facts(form: Form, family: Family, consent: Consent) -> list[ft.Control]:
    lines = [ft.Text(f"{label}: {bidi.apart(value)}") for label, value in facts(form, consent, family.names)]
    if consent.status is ConsentStatus.WITHDRAWN:
        lines.insert(0, parts.strong(form.say(Label.TAKEN_BACK)))
    return [*lines]


def _answer(form: Form, consent: Consent, scope: Scope) -> ft.Control:
    yes = agrees(consent, scope)
    text = form.text_of(scope)
    return ft.Row(
        [
            ft.Icon(
                ft.Icons.CHECK_CIRCLE if yes else ft.Icons.CANCEL_OUTLINED, color=ft.Colors.ON_SURFACE_VARIANT
            ),
            ft.Column(
                [
                    parts.strong(f"{form.say(Label.YES if yes else Label.NO)} · {text.question}"),
                    parts.quiet(text.what),
                ],
                spacing=2,
                tight=True,
                expand=True,
            ),
        ],
        vertical_alignment=ft.CrossAxisAlignment.START,
        spacing=12,
    )


def _signature(desk: Desk, form: Form, versions: tuple[Consent, ...]) -> ft.Control:
    """The signature of the version that was last signed; a withdrawal is not signed."""
    signature = versions[-1].signature
    if isinstance(signature, TypedSignature):
        return parts.card(parts.strong(form.say(Label.SIGNATURE)), ft.Text(signature.name, size=24))
    width = min(_WIDEST, desk.layout.width - 120)
    return parts.card(parts.strong(form.say(Label.SIGNATURE)), drawing(signature.strokes, width))


def _more(desk: Desk, place: AgreedPlace, versions: tuple[Consent, ...]) -> list[ft.Control]:
    lines = [parts.quiet(consentwords.version(one)) for one in versions]
    ways = []
    if versions[-1].status is not ConsentStatus.WITHDRAWN:
        to = WithdrawPlace(place.consent, place.family)
        ways.append(parts.secondary("take-back", consentwords.TAKE_BACK, lambda: desk.go(to)))
    if desk.work.consenting.papers_may_leave:
        ways.append(parts.secondary("paper", consentwords.PAPER, lambda: desk.spawn(_hand_out(desk, place))))
    return [
        parts.card(parts.title(consentwords.VERSIONS), *lines, identifier="agreed-versions"),
        parts.row(*ways),
        *([] if desk.work.consenting.papers_may_leave else [parts.quiet(consentwords.NO_PAPER)]),
    ]


async def _hand_out(desk: Desk, place: AgreedPlace) -> None:
    match await desk.work.consenting.paper(place.consent):
        case Refused(reason):
            desk.say(refusals.REASONS[reason])
        case data:
            await desk.hand_out("vigfield-consent.pdf", data)


@ft.component
@boundary
def WithdrawScreen(place: WithdrawPlace) -> ft.Control:
    """What is taken back: everything, or one scope."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.consenting.versions(place.consent), place.consent)
    head = [
        parts.back(lambda: desk.go(FamilyPlace(place.family)), words.BACK),
        parts.heading(consentwords.TAKE_BACK),
        parts.quiet(consentwords.TAKE_BACK_WHAT),
    ]
    match loaded:
        case Loading():
            return parts.page(*head)
        case Failed(sentence):
            return parts.page(*head, parts.notice(sentence, error=True))
        case Loaded(signed):
            return parts.page(*head, *_choices(desk, place, signed.versions[-1]))


def _choices(desk: Desk, place: WithdrawPlace, consent: Consent) -> list[ft.Control]:
    if consent.status is ConsentStatus.WITHDRAWN:
        return [parts.card(parts.quiet(consentwords.NOTHING_LEFT))]
    form = form_of(consent)
    single = [
        parts.secondary(
            f"withdraw-{scope.value}",
            consentwords.take_back_one(form.text_of(scope).question),
            lambda one=scope: desk.spawn(_take_back(desk, place, frozenset({one}))),  # type: ignore[misc]
        )
        for scope in Scope
        if scope in consent.agreed
    ]
    all_ = parts.primary(
        "withdraw-all",
        consentwords.TAKE_BACK_ALL,
        lambda: desk.spawn(_take_back(desk, place, frozenset(Scope))),
    )
    one = parts.card(parts.strong(consentwords.TAKE_BACK_ONE), *(parts.row(one) for one in single))
    return [parts.card(parts.row(all_)), one]


async def _take_back(desk: Desk, place: WithdrawPlace, scopes: frozenset[Scope]) -> None:
    found = await desk.app.withdraw(place.family, place.consent, scopes)
    desk.go(FamilyPlace(place.family))
    desk.say(consentwords.taken_back(found))
