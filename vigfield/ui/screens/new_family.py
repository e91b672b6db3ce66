"""The form for a new family."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import flet as ft

from vigfield import clock
from vigfield.app import FamilyDraft, Invalid
from vigfield.model import Relationship
from vigfield.ui import familywords, parts, words
from vigfield.ui.fields import Field
from vigfield.ui.hooks import NO_FAULTS, boundary, use_desk, use_kept
from vigfield.ui.places import Families, FamilyPlace
from vigfield.ui.screens.referral import Told, referral_card

_YEARS_BACK = 4


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
    relationship: str = Relationship.MOTHER.value
    month: str = ""
    year: str = ""
    day: str = ""
    drawn: int = 0


@ft.component
@boundary
def NewFamilyScreen() -> ft.Control:
    """The form for a new family."""
    desk = use_desk()
    typed = use_kept(_Typed)
    faults, set_faults = ft.use_state(NO_FAULTS)
    chosen, set_chosen = ft.use_state(_Chosen())

    def choose(**changes: Any) -> None:
        set_chosen(lambda old: replace(old, **changes))

    async def save() -> None:
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
    ]


def _infant(
    typed: _Typed, chosen: _Chosen, choose: Callable[..., None], faults: Mapping[str, str]
) -> list[ft.Control]:
    def name(value: str) -> None:
        typed.infant = value

    return [
        Field("family-infant", words.INFANT, typed.infant, name, fault=faults.get("infant", "")),
        parts.row(
            parts.pick(
                "family-birth-month", words.BIRTH_MONTH, _months(), chosen.month, lambda v: choose(month=v)
            ),
            parts.pick(
                "family-birth-year", words.BIRTH_YEAR, _years(), chosen.year, lambda v: choose(year=v)
            ),
            parts.pick(
                "family-birth-day", familywords.BIRTH_DAY, _days(), chosen.day, lambda v: choose(day=v)
            ),
        ),
        parts.fault("born", faults),
    ]


def _draft(typed: _Typed, chosen: _Chosen) -> FamilyDraft:
    return FamilyDraft(
        code=typed.code,
        caregiver=typed.caregiver,
        relationship=Relationship(chosen.relationship),
        infant=typed.infant,
        born=_born(chosen),
        referral=typed.told.value,
        even_so=typed.warned == _infant_of(typed, chosen),
    )


def _born(chosen: _Chosen) -> str:
    return "-".join(part for part in (chosen.year, chosen.month, chosen.day) if part)


def _infant_of(typed: _Typed, chosen: _Chosen) -> str:
    """Whom a warning was about: with another name or day of birth it is asked about anew."""
    return f"{typed.infant} {_born(chosen)}"


def _days() -> dict[str, str]:
    return {"": familywords.UNKNOWN_DAY} | {f"{number:02d}": str(number) for number in range(1, 32)}


def _months() -> dict[str, str]:
    return {f"{number:02d}": name for number, name in enumerate(words.MONTHS, 1)}


def _years() -> dict[str, str]:
    this = clock.today().year
    return {str(year): str(year) for year in range(this, this - _YEARS_BACK, -1)}
