"""The forms for the people of a family."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flet as ft

from vigfield.app import CaregiverDraft, Invalid, OtherDraft
from vigfield.model import Caregiver, Family, OtherPerson, Relationship, Responsibility
from vigfield.ui import familywords, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.fields import Field
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
from vigfield.ui.places import CaregiverPlace, FamilyPlace, OtherPlace


@dataclass(slots=True)
class _Typed:
    """What is typed; kept out of the state so that typing redraws nothing."""

    name: str = ""
    contact: str = ""
    language: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class _Chosen:
    relationship: str = ""
    responsibility: str = Responsibility.NOT_ASKED.value
    interpreter: bool = False
    under_16: bool = False
    adult: bool = True


@ft.component
@boundary
def CaregiverScreen(place: CaregiverPlace) -> ft.Control:
    """One caregiver."""
    return _shell(place, familywords.CAREGIVER, _CaregiverForm)


@ft.component
@boundary
def OtherScreen(place: OtherPlace) -> ft.Control:
    """Somebody else who may be on camera."""
    return _shell(place, familywords.OTHER, _OtherForm)


def _shell(place: CaregiverPlace | OtherPlace, heading: str, form: Any) -> ft.Control:
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.people.get(place.family), place)
    head = [parts.back(lambda: desk.go(FamilyPlace(place.family)), words.BACK), parts.heading(heading)]
    match loaded:
        case Loading():
            return parts.page(*head)
        case Failed(sentence):
            return parts.page(*head, parts.notice(sentence, error=True))
        case Loaded(family):
            return parts.page(*head, keyed("form", form, place, family))


@ft.component
def _CaregiverForm(place: CaregiverPlace, family: Family) -> ft.Control:
    desk = use_desk()
    old = next((one for one in family.caregivers if one.id == place.person), None)
    typed = use_kept(lambda: _typed(old))
    picked = use_chosen(lambda: _chosen(old))
    faults, set_faults = ft.use_state(NO_FAULTS)

    async def save() -> None:
        chosen = picked.value
        draft = CaregiverDraft(
            typed.name,
            Relationship(chosen.relationship) if chosen.relationship else None,
            typed.contact,
            Responsibility(chosen.responsibility),
            typed.language,
            chosen.interpreter,
            chosen.under_16,
        )
        _after(
            desk, place, await desk.work.people.put_caregiver(place.family, draft, place.person), set_faults
        )

    return parts.stack(
        [
            *_texts(typed, faults),
            *_ticked(picked.value, picked.change, faults),
            parts.look_above(faults),
            _buttons(desk, place, lambda: desk.spawn(save())),
        ]
    )


def _ticked(chosen: _Chosen, choose: Any, faults: Mapping[str, str]) -> list[ft.Control]:
    return [
        parts.choice(
            "person-relationship",
            words.RELATIONSHIP,
            {key.value: text for key, text in words.RELATIONSHIPS.items()},
            chosen.relationship,
            lambda v: choose(relationship=v),
        ),
        parts.fault("relationship", faults),
        parts.choice(
            "person-responsibility",
            familywords.RESPONSIBILITY,
            {key.value: text for key, text in familywords.RESPONSIBILITIES.items()},
            chosen.responsibility,
            lambda v: choose(responsibility=v),
        ),
        parts.tick(
            "person-interpreter",
            familywords.INTERPRETER,
            chosen.interpreter,
            lambda yes: choose(interpreter=yes),
        ),
        parts.tick(
            "person-under-16",
            familywords.UNDER_16,
            chosen.under_16,
            lambda yes: choose(under_16=yes),
            familywords.UNDER_16_WHAT,
        ),
    ]


def _texts(typed: _Typed, faults: Mapping[str, str]) -> list[ft.Control]:
    def name(value: str) -> None:
        typed.name = value

    def contact(value: str) -> None:
        typed.contact = value

    def language(value: str) -> None:
        typed.language = value

    return [
        Field("person-name", familywords.NAME, typed.name, name, fault=faults.get("name", ""), focus=True),
        Field("person-contact", familywords.CONTACT, typed.contact, contact, fault=faults.get("contact", "")),
        Field(
            "person-language",
            familywords.LANGUAGE,
            typed.language,
            language,
            fault=faults.get("language", ""),
        ),
    ]


@ft.component
def _OtherForm(place: OtherPlace, family: Family) -> ft.Control:
    desk = use_desk()
    old = next((one for one in family.others if one.id == place.person), None)
    typed = use_kept(lambda: _typed(old))
    picked = use_chosen(lambda: _chosen(old))
    faults, set_faults = ft.use_state(NO_FAULTS)

    def name(value: str) -> None:
        typed.name = value

    def who(value: str) -> None:
        typed.who = value

    async def save() -> None:
        draft = OtherDraft(typed.name, typed.who, picked.value.adult)
        _after(desk, place, await desk.work.people.put_other(place.family, draft, place.person), set_faults)

    return parts.stack(
        [
            Field(
                "person-name", familywords.NAME, typed.name, name, fault=faults.get("name", ""), focus=True
            ),
            Field("person-who", familywords.WHO, typed.who, who, fault=faults.get("who", "")),
            parts.tick(
                "person-adult",
                familywords.ADULT,
                picked.value.adult,
                lambda yes: picked.change(adult=yes),
            ),
            parts.look_above(faults),
            _buttons(desk, place, lambda: desk.spawn(save())),
        ]
    )


def _buttons(desk: Desk, place: CaregiverPlace | OtherPlace, save: parts.Click) -> ft.Control:
    return parts.row(
        parts.primary("person-save", words.SAVE, save),
        parts.link("person-cancel", words.CANCEL, lambda: desk.go(FamilyPlace(place.family))),
    )


def _after(
    desk: Desk, place: CaregiverPlace | OtherPlace, outcome: Family | Invalid, set_faults: Any
) -> None:
    if isinstance(outcome, Invalid):
        set_faults(dict(outcome.faults))
        return
    desk.go(FamilyPlace(place.family))
    desk.say(familywords.SAVED)
    desk.app.tell_soon()


def _typed(old: Caregiver | OtherPerson | None) -> _Typed:
    match old:
        case None:
            return _Typed()
        case Caregiver():
            return _Typed(old.name, old.contact, old.language)
        case OtherPerson():
            return _Typed(old.name, who=old.who)


def _chosen(old: Caregiver | OtherPerson | None) -> _Chosen:
    match old:
        case None:
            return _Chosen()
        case Caregiver():
            return _Chosen(old.relationship.value, old.responsibility.value, old.interpreter, old.under_16)
        case OtherPerson():
            return _Chosen(adult=old.adult)
