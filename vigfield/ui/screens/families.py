"""Families: the list, and a family's page."""

import flet as ft

from vigfield.app import FamilyPage
from vigfield.model import Consent, Family, FamilyId, Scope, Session
from vigfield.ui import form, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import Families, FamilyPlace, NewFamily, NewSession, SessionPlace


@ft.component
@boundary
def FamiliesScreen() -> ft.Control:
    """Every family, by code."""
    desk = use_desk()
    loaded = use_loaded(desk.work.people.find, None)
    add = parts.primary("new-family", words.NEW_FAMILY, lambda: desk.go(NewFamily()), icon=ft.Icons.GROUP_ADD)
    header = parts.heading(words.FAMILIES)
    match loaded:
        case Loading():
            return parts.page(header)
        case Failed(sentence):
            return parts.page(header, parts.notice(sentence, error=True))
        case Loaded(found) if not found.count:
            return parts.page(header, parts.empty(words.NO_FAMILIES, words.NO_FAMILIES_WHAT, add))
        case Loaded(found):
            return parts.page(header, *(_line(desk, family) for family in found.families), parts.row(add))


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


@ft.component
@boundary
def FamilyScreen(family: FamilyId) -> ft.Control:
    """One family."""
    desk = use_desk()
    loaded = use_loaded(lambda: desk.work.practice.family(family), family)
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
    sessions = [_session(desk, visit.session) for visit in page.visits]
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


def _session(desk: Desk, session: Session) -> ft.Control:
    label = f"{words.when(session.starts)} · {words.KINDS[session.kind]}"
    return parts.row(parts.link(f"session-{session.id}", label, lambda: desk.go(SessionPlace(session.id))))


def _consent(consent: Consent) -> ft.Control:
    yes = ", ".join(form.SCOPES[scope][0] for scope in Scope if scope in consent.agreed)
    return ft.Column(
        [parts.strong(words.when(consent.signed_at)), parts.quiet(f"{words.YES_TO}{yes or words.NOBODY}")],
        spacing=4,
        tight=True,
    )
