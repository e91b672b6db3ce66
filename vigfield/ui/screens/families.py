"""Families: the list, a new one, and a family's page."""

from dataclasses import dataclass

import flet as ft

from vigfield import clock
from vigfield.app import FamilyDraft, FamilyPage, Invalid
from vigfield.model import Consent, Family, FamilyId, Relationship, Scope
from vigfield.ui import parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.fields import Field
from vigfield.ui.hooks import NO_FAULTS, Failed, Loaded, Loading, boundary, use_desk, use_kept, use_loaded
from vigfield.ui.places import Families, FamilyPlace, NewFamily, NewSession, SessionPlace

_YEARS_BACK = 4


@ft.component
@boundary
def FamiliesScreen() -> ft.Control:
    """Every family, by code."""
    desk = use_desk()
    loaded = use_loaded(desk.work.work.practice.families, None)
    add = parts.primary("new-family", words.NEW_FAMILY, lambda: desk.go(NewFamily()), icon=ft.Icons.GROUP_ADD)
    header = parts.heading(words.FAMILIES)
    match loaded:
        case Loading():
            return parts.page(header)
        case Failed(sentence):
            return parts.page(header, parts.notice(sentence, error=True))
        case Loaded([]):
            return parts.page(header, parts.empty(words.NO_FAMILIES, words.NO_FAMILIES_WHAT, add))
        case Loaded(families):
            return parts.page(header, *(_line(desk, family) for family in families), parts.row(add))


def _line(desk: Desk, family: Family) -> ft.Control:
    names = ", ".join(caregiver.name for caregiver in family.caregivers)
    return parts.tagged(
        f"family-{family.code}",
        ft.Container(
            content=ft.Row(
                [
                    ft.Column(
                        [
                            parts.strong(f"{family.code} · {names}"),
                            parts.quiet(f"{family.infant.name}, {words.age(family.infant)}"),
                        ],
                        spacing=4,
                        tight=True,
                        expand=True,
                    ),
                    ft.Icon(ft.Icons.CHEVRON_RIGHT),
                ]
            ),
            padding=20,
            border_radius=20,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOW,
            ink=True,
            on_click=lambda _: desk.go(FamilyPlace(family.id)),
        ),
    )


@dataclass(slots=True)
class _Draft:
    code: str = ""
    caregiver: str = ""
    infant: str = ""


@ft.component
@boundary
def NewFamilyScreen() -> ft.Control:
    """The form for a new family."""
    desk = use_desk()
    draft = use_kept(_Draft)
    faults, set_faults = ft.use_state(NO_FAULTS)
    relationship, set_relationship = ft.use_state(Relationship.MOTHER.value)
    month, set_month = ft.use_state("")
    year, set_year = ft.use_state("")

    async def save() -> None:
        typed = draft
        outcome = await desk.work.work.practice.add_family(
            FamilyDraft(
                typed.code, typed.caregiver, Relationship(relationship), typed.infant, f"{year}-{month}"
            )
        )
        if isinstance(outcome, Invalid):
            set_faults(dict(outcome.faults))
        else:
            desk.say(words.ADDED_FAMILY)
            desk.go(FamilyPlace(outcome.id))

    def keep(field: str, value: str) -> None:
        setattr(draft, field, value)

    return parts.page(
        parts.back(lambda: desk.go(Families()), words.BACK),
        parts.heading(words.NEW_FAMILY),
        Field(
            "family-code",
            words.CODE,
            "",
            lambda v: keep("code", v),
            hint=words.CODE_HINT,
            fault=faults.get("code", ""),
            focus=True,
        ),
        Field(
            "family-caregiver",
            words.CAREGIVER,
            "",
            lambda v: keep("caregiver", v),
            fault=faults.get("caregiver", ""),
        ),
        parts.choice(
            "family-relationship",
            words.RELATIONSHIP,
            {key.value: text for key, text in words.RELATIONSHIPS.items()},
            relationship,
            set_relationship,
        ),
        Field(
            "family-infant",
            words.INFANT,
            "",
            lambda v: keep("infant", v),
            fault=faults.get("infant", ""),
        ),
        parts.row(
            parts.pick("family-birth-month", words.BIRTH_MONTH, _months(), month, set_month),
            parts.pick("family-birth-year", words.BIRTH_YEAR, _years(), year, set_year),
        ),
        parts.notice(words.FAULTS.get(faults.get("birth_month", ""), ""), error=True),
        parts.row(
            parts.primary("family-save", words.SAVE, lambda: desk.spawn(save())),
            parts.link("family-cancel", words.CANCEL, lambda: desk.go(Families())),
        ),
    )


def _months() -> dict[str, str]:
    return {f"{number:02d}": name for number, name in enumerate(words.MONTHS, 1)}


def _years() -> dict[str, str]:
    this = clock.today().year
    return {str(year): str(year) for year in range(this, this - _YEARS_BACK, -1)}


@ft.component
@boundary
def FamilyScreen(family: FamilyId) -> ft.Control:
    """One family."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.work.practice.family(family), family)
    back = parts.back(lambda: desk.go(Families()), words.BACK)
    match loaded:
        case Loading():
            return parts.page(back)
        case Failed(sentence):
            return parts.page(back, parts.notice(sentence, error=True))
        case Loaded(page):
            return parts.page(back, *_family(desk, page))


def _family(desk: Desk, page: FamilyPage) -> list[ft.Control]:
    family = page.family
    people: list[ft.Control] = [
        parts.strong(f"{family.infant.name}, {words.age(family.infant)}"),
        *(
            parts.quiet(f"{caregiver.name} · {words.RELATIONSHIPS[caregiver.relationship]}")
            for caregiver in family.caregivers
        ),
    ]
    sessions = [
        parts.link(
            f"session-{visit.session.id}",
            f"{words.when(visit.session.starts)} · {words.KINDS[visit.session.kind]}",
            lambda session=visit.session.id: desk.go(SessionPlace(session)),  # type: ignore[misc]
        )
        for visit in page.visits
    ]
    plan = parts.primary(
        "new-session", words.NEW_SESSION, lambda: desk.go(NewSession(family.id)), icon=ft.Icons.EVENT
    )
    films = [film for visit in page.visits for film in visit.films]
    return [
        parts.heading(family.code),
        parts.card(*people),
        parts.card(
            parts.title(words.SESSIONS), *(sessions or [parts.quiet(words.NO_SESSIONS)]), parts.row(plan)
        ),
        parts.card(
            parts.title(words.CONSENTS),
            *([_consent(c) for c in page.consents] or [parts.quiet(words.NO_CONSENTS)]),
        ),
        parts.card(
            parts.title(words.FILMS),
            *([parts.quiet(words.film(film)) for film in films] or [parts.quiet(words.NO_FILMS)]),
        ),
    ]


def _consent(consent: Consent) -> ft.Control:
    yes = ", ".join(words.SCOPES[scope][0] for scope in Scope if scope in consent.agreed)
    return ft.Column(
        [parts.strong(words.when(consent.signed_at)), parts.quiet(f"{words.YES_TO}{yes or words.NOBODY}")],
        spacing=4,
        tight=True,
    )
