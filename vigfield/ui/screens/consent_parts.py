"""The parts of the consent form, in the order in which they are gone through."""

from collections.abc import Mapping
from typing import Any

import flet as ft

from vigfield import clock
from vigfield.app import Visit
from vigfield.forms import Form, Label, ScopeText, spoken
from vigfield.model import Family, Footing, PersonId, Scope
from vigfield.ui import bidi, consentwords, parts
from vigfield.ui.desk import Desk
from vigfield.ui.fields import Field
from vigfield.ui.hooks import keyed, use_desk
from vigfield.ui.screens.consent_draft import PERIOD, Choices, Hand, adults
from vigfield.ui.signature import WIDTH, SignaturePad, Stroke

_FOOTINGS = {
    Footing.PARENTAL_RESPONSIBILITY: Label.PARENTAL_RESPONSIBILITY,
    Footing.COURT_ORDER: Label.COURT_ORDER,
    Footing.LOCAL_AUTHORITY: Label.LOCAL_AUTHORITY,
    Footing.DELEGATED: Label.DELEGATED,
    Footing.SELF: Label.SELF,
}


def sections(form: Form) -> list[ft.Control]:
    """What is to be read first."""
    return [
        parts.card(
            *(
                ft.Column([parts.strong(one.heading), ft.Text(one.text)], spacing=4, tight=True)
                for one in form.sections
            )
        )
    ]


def scopes(form: Form, choices: Choices, choose: Any, faults: Mapping[str, str]) -> ft.Control:
    """The questions: all of them, or one at a time."""
    modes = {"all": form.say(Label.ALL_AT_ONCE), "one": form.say(Label.ONE_AT_A_TIME)}
    mode = "one" if choices.one_by_one else "all"
    way = parts.choice(
        "consent-mode", form.say(Label.HOW), modes, mode, lambda v: choose(one_by_one=v == "one", step=0)
    )
    if choices.one_by_one:
        return parts.card(way, *_one(form, choices, choose), parts.fault("scopes", faults))
    boxes = (_box(one, choices, choose) for one in form.scopes)
    return parts.card(way, *boxes, parts.fault("scopes", faults))


def _box(one: ScopeText, choices: Choices, choose: Any) -> ft.Control:
    scope = one.scope.value

    def change(yes: bool) -> None:
        choose(agreed=choices.agreed | {scope} if yes else choices.agreed - {scope})

    return parts.tick(f"consent-{scope}", one.question, scope in choices.agreed, change, one.what)


def _one(form: Form, choices: Choices, choose: Any) -> list[ft.Control]:
    """One question in large letters, with yes and no beside each other."""
    step = min(choices.step, len(form.scopes) - 1)
    one, scope = form.scopes[step], form.scopes[step].scope.value
    last = step == len(form.scopes) - 1

    def answer(yes: bool) -> None:
        choose(
            agreed=choices.agreed | {scope} if yes else choices.agreed - {scope},
            answered=choices.answered | {scope},
            step=step if last else step + 1,
        )

    said = _answer(form, choices, scope)
    ways = (
        [parts.link("consent-step-back", form.say(Label.BACK), lambda: choose(step=step - 1))] if step else []
    )
    ways += (
        [] if last else [parts.link("consent-step-next", form.say(Label.NEXT), lambda: choose(step=step + 1))]
    )
    large = ft.Text(one.question, theme_style=ft.TextThemeStyle.HEADLINE_MEDIUM, color=ft.Colors.ON_SURFACE)
    return [
        parts.notice(form.say(Label.STEP, n=step + 1, total=len(form.scopes)), identifier="consent-step"),
        large,
        ft.Text(one.what, theme_style=ft.TextThemeStyle.TITLE_LARGE, color=ft.Colors.ON_SURFACE),
        parts.notice(said, identifier="consent-answer"),
        parts.row(
            parts.secondary(
                f"consent-{scope}-yes", form.say(Label.YES), lambda: answer(True), icon=ft.Icons.CHECK
            ),
            parts.secondary(
                f"consent-{scope}-no", form.say(Label.NO), lambda: answer(False), icon=ft.Icons.CLOSE
            ),
        ),
        parts.row(*ways),
    ]


def _answer(form: Form, choices: Choices, scope: str) -> str:
    if scope in choices.agreed:
        return form.say(Label.YES)
    return form.say(Label.NO) if scope in choices.answered else form.say(Label.NOT_ANSWERED)


def people(
    form: Form, family: Family, choices: Choices, choose: Any, faults: Mapping[str, str]
) -> ft.Control:
    """Who consents, on what footing, and who will be on camera; what limits it is said, not assumed."""

    def seen(person: str, yes: bool) -> None:
        choose(on_camera=choices.on_camera | {person} if yes else choices.on_camera - {person})

    def box(number: int, person: PersonId, name: str) -> ft.Control:
        return parts.tick(
            f"consent-camera-{number}", name, person in choices.on_camera, lambda yes: seen(person, yes)
        )

    footings = {footing.value: form.say(label) for footing, label in _FOOTINGS.items()}
    return parts.card(
        *(parts.notice(bidi.ours(text)) for text in _limits(family, choices)),
        parts.choice(
            "consent-by",
            form.say(Label.WHO_CONSENTS),
            {str(person): name for person, name in adults(family).items()},
            choices.given_by,
            lambda v: choose(given_by=v),
        ),
        parts.fault("given_by", faults),
        parts.choice(
            "consent-footing",
            form.say(Label.FOOTING),
            footings,
            choices.footing,
            lambda v: choose(footing=v),
            width=None,
        ),
        parts.fault("footing", faults),
        parts.strong(form.say(Label.ON_CAMERA)),
        *(box(number, person, name) for number, (person, name) in enumerate(family.names.items())),
        parts.fault("on_camera", faults),
    )


def _limits(family: Family, choices: Choices) -> list[str]:
    by = next((one for one in family.caregivers if one.id == choices.given_by), None)
    said = [consentwords.under_16(by)] if by is not None and by.under_16 else []
    if family.court_order:
        said.append(consentwords.COURT_ORDER.replace("{what}", bidi.apart(family.court_order)))
    if family.local_authority:
        said.append(consentwords.LOCAL_AUTHORITY.replace("{who}", bidi.apart(family.local_authority)))
    return said


def terms(form: Form, visit: Visit, choices: Choices, choose: Any, hand: Hand) -> ft.Control:
    """What it covers and until when, who else was there, who interpreted."""

    def present(value: str) -> None:
        hand.present = value

    def interpreter(value: str) -> None:
        hand.interpreter = value

    day = max(clock.today(), clock.local(visit.session.starts).date())
    until = (day if choices.covers == "session" else clock.today()) + PERIOD
    return parts.card(
        parts.choice(
            "consent-covers",
            form.say(Label.COVERS),
            {"session": form.say(Label.THIS_SESSION), "period": form.say(Label.ALL_SESSIONS)},
            choices.covers,
            lambda v: choose(covers=v),
            width=None,
        ),
        parts.quiet(form.say(Label.UNTIL, day=spoken(until, form.ref.language))),
        Field("consent-present", form.say(Label.ALSO_PRESENT), hand.present, present),
        Field("consent-interpreter", form.say(Label.INTERPRETER), hand.interpreter, interpreter),
    )


def read_back(form: Form, choices: Choices) -> ft.Control:
    """Both lists, a line each, before anything is signed."""

    def listed(label: Label, icon: ft.IconData, *, yes: bool) -> ft.Control:
        found = [one.question for one in form.scopes if (one.scope.value in choices.agreed) is yes]
        lines = [
            ft.Row([ft.Icon(icon, size=20, color=ft.Colors.ON_SURFACE_VARIANT), ft.Text(text, expand=True)])
            for text in found
        ]
        nothing = [] if found else [parts.quiet(form.say(Label.NOTHING))]
        return ft.Column([parts.strong(form.say(label).strip()), *lines, *nothing], spacing=6, tight=True)

    return parts.card(
        parts.title(form.say(Label.READ_BACK)),
        listed(Label.YES_TO, ft.Icons.CHECK, yes=True),
        listed(Label.NO_TO, ft.Icons.CLOSE, yes=False),
        identifier="consent-read-back",
    )


def signature(form: Form, choices: Choices, choose: Any, hand: Hand, faults: Mapping[str, str]) -> ft.Control:
    """Drawn by hand, or a typed name with a tick."""
    desk = use_desk()
    drawn = choices.sign == "drawn"
    return parts.card(
        parts.choice(
            "consent-signature",
            form.say(Label.SIGNATURE),
            {"drawn": form.say(Label.BY_HAND), "typed": form.say(Label.TYPE_NAME)},
            choices.sign,
            lambda v: choose(sign=v),
        ),
        *(_drawn(desk, form, choices, choose, hand) if drawn else _typed(form, choices, choose, hand)),
        parts.fault("signature", faults),
    )


def _drawn(desk: Desk, form: Form, choices: Choices, choose: Any, hand: Hand) -> list[ft.Control]:
    def keep(strokes: tuple[Stroke, ...]) -> None:
        hand.strokes = strokes

    def clear() -> None:
        hand.strokes = ()
        choose(pad=choices.pad + 1)

    width = min(WIDTH, desk.layout.width - 120)
    return [
        ft.Row([keyed(f"pad-{choices.pad}", SignaturePad, keep, width)]),
        parts.row(parts.link("signature-clear", form.say(Label.CLEAR), clear, icon=ft.Icons.REFRESH)),
    ]


def _typed(form: Form, choices: Choices, choose: Any, hand: Hand) -> list[ft.Control]:
    def keep(value: str) -> None:
        hand.name = value

    return [
        Field("signature-name", form.say(Label.NAME), hand.name, keep),
        parts.tick("signature-tick", form.say(Label.TICK), choices.ticked, lambda yes: choose(ticked=yes)),
    ]


def asked(form: Form, scope: Scope) -> str:
    """The question for a scope, in the language of the form."""
    return form.text_of(scope).question
