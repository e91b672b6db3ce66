"""The form for a new family."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import flet as ft

from vigfield.app import FamilyDraft, Invalid
from vigfield.model import Relationship
from vigfield.ui import parts, words
from vigfield.ui.fields import Field
from vigfield.ui.hooks import NO_FAULTS, boundary, use_chosen, use_desk, use_kept
from vigfield.ui.places import Families, FamilyPlace
from vigfield.ui.screens.birth import Birth, birth_line
from vigfield.ui.screens.referral import Told, referral_card


@dataclass(slots=True)
class _Typed:
    """What is typed; kept out of the state so that typing redraws nothing."""

    code: str = ""
    caregiver: str = ""
    infant: str = ""
    told: Told = field(default_factory=Told)
    warned: str = ""


@dataclass(frozen=True, slots=True)
class _Chosen:
    relationship: str = ""
    birth: Birth = field(default_factory=Birth)
    drawn: int = 0


@ft.component
@boundary
def NewFamilyScreen() -> ft.Control:
    """The form for a new family."""
    desk = use_desk()
    typed = use_kept(_Typed)
    faults, set_faults = ft.use_state(NO_FAULTS)
    picked = use_chosen(_Chosen)
    chosen, choose = picked.value, picked.change

    async def save() -> None:
        chosen = picked.value
        outcome = await desk.work.people.add(_draft(typed, chosen))
        if isinstance(outcome, Invalid):
            set_faults(dict(outcome.faults))
            typed.warned = _infant_of(typed, chosen) if outcome.faults.get("infant") == "alike" else ""
        else:
            desk.go(FamilyPlace(outcome.id))
            desk.say(words.ADDED_FAMILY)

    return parts.page(
        parts.back(lambda: desk.go(Families()), words.BACK),
        parts.heading(words.NEW_FAMILY),
        *_caregiver(typed, chosen, choose, faults),
        *_infant(typed, chosen, choose, faults),
        referral_card(desk, typed.told, lambda: choose(drawn=chosen.drawn + 1), faults),
        parts.look_above(faults),
        parts.row(
            parts.primary("family-save", words.SAVE, lambda: desk.spawn(save())),
            parts.link("family-cancel", words.CANCEL, lambda: desk.go(Families())),
        ),
    )


def _caregiver(
    typed: _Typed, chosen: _Chosen, choose: Callable[..., None], faults: Mapping[str, str]
) -> list[ft.Control]:
    def code(value: str) -> None:
        typed.code = value

    def name(value: str) -> None:
        typed.caregiver = value

    return [
        Field(
            "family-code",
            words.CODE,
            typed.code,
            code,
            hint=words.CODE_HINT,
            fault=faults.get("code", ""),
            focus=True,
        ),
        Field("family-caregiver", words.CAREGIVER, typed.caregiver, name, fault=faults.get("caregiver", "")),
        parts.choice(
            "family-relationship",
            words.RELATIONSHIP,
            {key.value: text for key, text in words.RELATIONSHIPS.items()},
            chosen.relationship,
            lambda v: choose(relationship=v),
        ),
        parts.fault("relationship", faults),
    ]


def _infant(
    typed: _Typed, chosen: _Chosen, choose: Callable[..., None], faults: Mapping[str, str]
) -> list[ft.Control]:
    def name(value: str) -> None:
        typed.infant = value

    return [
        Field("family-infant", words.INFANT, typed.infant, name, fault=faults.get("infant", "")),
        *birth_line("family-birth", chosen.birth, lambda birth: choose(birth=birth), faults),
    ]


def _draft(typed: _Typed, chosen: _Chosen) -> FamilyDraft:
    return FamilyDraft(
        code=typed.code,
        caregiver=typed.caregiver,
        relationship=Relationship(chosen.relationship) if chosen.relationship else None,
        infant=typed.infant,
        born=chosen.birth.born,
        referral=typed.told.value,
        even_so=typed.warned == _infant_of(typed, chosen),
    )


def _infant_of(typed: _Typed, chosen: _Chosen) -> str:
    """Whom a warning was about: with another name or day of birth it is asked about anew."""
    return f"{typed.infant} {chosen.birth.born}"
