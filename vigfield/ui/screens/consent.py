"""Consent: the caregiver's view of the form, one scope at a time or all at once, read back and signed."""

from typing import Any

import flet as ft

from vigfield.app import ConsentDraft, Given, Invalid, Standing, Visit
from vigfield.forms import Direction, Form, Label, Missing, shipped
from vigfield.model import Family, SessionId
from vigfield.ui import consentwords, parts, words
from vigfield.ui.desk import Desk
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
from vigfield.ui.places import SessionPlace
from vigfield.ui.screens.consent_draft import Choices, Hand, begun, draft_of, kept_draft
from vigfield.ui.screens.consent_parts import people, read_back, scopes, sections, signature, terms


@ft.component
@boundary
def ConsentScreen(session: SessionId) -> ft.Control:
    """The form for a session."""
    desk = use_desk()

    async def read() -> tuple[Visit, list[Standing], str | None, str]:
        visit, consenting = await desk.work.practice.visit(session), desk.work.consenting
        family = visit.session.family
        if family is None:
            return visit, [], None, ""
        return (
            visit,
            await consenting.of_family(family),
            await consenting.draft(family, session),
            await consenting.practitioner(),
        )

    loaded = use_loaded(read, session)
    back = parts.back(lambda: desk.go(SessionPlace(session)), words.BACK)
    match loaded:
        case Loading():
            return parts.page(back)
        case Failed(sentence):
            return parts.page(back, parts.notice(sentence, error=True))
        case Loaded((visit, given, draft, name)):
            if visit.family is None:
                return parts.page(back)
            return parts.page(back, keyed(session, _Form, (visit, given, draft, name), visit.family))


@ft.component
def _Form(found: tuple[Visit, list[Standing], str | None, str], family: Family) -> ft.Control:
    desk = use_desk()
    visit, given, draft, practitioner = found
    picked = use_chosen(lambda: begun(draft, visit, family))
    choices = picked.value
    hand = use_kept(lambda: Hand(practitioner=practitioner))
    before = use_kept(lambda: (draft,))[0]
    found_faults, set_faults = ft.use_state(NO_FAULTS)
    form = next((one for one in shipped() if one.ref.language == choices.language), shipped()[0])
    faults = {name: _in_its_words(form, what) for name, what in found_faults.items()}

    def choose(**changes: Any) -> None:
        picked.change(**changes)
        content = kept_draft(picked.value)
        desk.spawn(desk.work.consenting.keep_draft(family.id, visit.session.id, content))

    async def sign() -> None:
        made = draft_of(visit, form, picked.value, hand, given)
        outcome = made if isinstance(made, Invalid) else await _once(desk, hand, made)
        if outcome is None:
            return
        if isinstance(outcome, Invalid):
            set_faults(dict(outcome.faults))
        else:
            desk.go(SessionPlace(visit.session.id))
            desk.say(words.SIGNED)

    body = [
        parts.heading(form.say(Label.TITLE)),
        *sections(form),
        scopes(form, choices, choose, faults),
        people(form, family, choices, choose, faults),
        terms(form, visit, choices, choose, hand),
        read_back(form, choices),
        signature(form, choices, choose, hand, faults),
        parts.look_above(faults, form.missing.get(Missing.ANYTHING, "")),
        parts.row(
            parts.primary(
                "consent-sign", form.say(Label.SIGN_AND_KEEP), lambda: desk.spawn(sign()), icon=ft.Icons.DRAW
            ),
            parts.link(
                "consent-cancel", form.say(Label.BACK), lambda: desk.go(SessionPlace(visit.session.id))
            ),
        ),
        parts.quiet(form.notice),
    ]
    return _laid_out(_head(desk, visit, (choices, choose), before), form, body)


def _in_its_words(form: Form, fault: str) -> str:
    """A fault as the form says it, where it does: the caregiver signs, and reads this too."""
    return form.missing.get(Missing(fault), fault) if fault in set(Missing) else fault


async def _once(desk: Desk, hand: Hand, draft: ConsentDraft) -> Given | Invalid | None:
    """Give a consent; nothing for a second tap on the same button."""
    if hand.signing:
        return None
    hand.signing = True
    try:
        return await desk.app.give(draft)
    finally:
        hand.signing = False


def _laid_out(head: list[ft.Control], form: Form, controls: list[ft.Control]) -> ft.Control:
    """The practitioner's choices, and under them the form in the direction of its language."""
    return ft.Column([*head, _directed(form, controls)], spacing=20, tight=True)


def _directed(form: Form, controls: list[ft.Control]) -> ft.Control:
    return ft.Column(
        controls,
        spacing=20,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        rtl=form.direction is Direction.RTL,
    )


def _head(desk: Desk, visit: Visit, chosen: tuple[Choices, Any], draft: str | None) -> list[ft.Control]:
    choices, choose = chosen
    languages = {one.ref.language: consentwords.LANGUAGES.get(one.ref.language, "…") for one in shipped()}
    lines: list[ft.Control] = [
        parts.choice(
            "consent-language",
            consentwords.LANGUAGE,
            languages,
            choices.language,
            lambda v: choose(language=v),
            width=160,
        ),
    ]
    if draft is not None:
        lines.append(
            parts.row(
                parts.notice(consentwords.DRAFT, identifier="consent-draft"),
                parts.link(
                    "consent-draft-drop", consentwords.DROP_DRAFT, lambda: desk.spawn(_drop(desk, visit))
                ),
            )
        )
    return lines


async def _drop(desk: Desk, visit: Visit) -> None:
    if visit.session.family is not None:
        await desk.work.consenting.drop_draft(visit.session.family, visit.session.id)
    desk.go(SessionPlace(visit.session.id))
