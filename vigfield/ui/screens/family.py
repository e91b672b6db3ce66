"""A family's page: who is in it, how the work goes, its consents and its films."""

from dataclasses import dataclass

import flet as ft

from vigfield import rules
from vigfield.app import FamilyPage, Standing, Visit
from vigfield.model import (
    GONE,
    Family,
    FamilyId,
    Hold,
    Recording,
    Retention,
    Scope,
)
from vigfield.rules import State
from vigfield.ui import bidi, familywords, parts, scopewords, words
from vigfield.ui.desk import BAR_BELOW, Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import (
    AgreedPlace,
    CaregiverPlace,
    EndingPlace,
    Families,
    FamilyDetails,
    HoldPlace,
    NewSession,
    OtherPlace,
    PlanCycles,
    SeenPlace,
    SessionPlace,
    WithdrawPlace,
)

_DONE = (State.WITHDRAWN, State.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class _Read:
    page: FamilyPage
    consents: list[Standing]
    hold: Hold | None


@ft.component
@boundary
def FamilyScreen(family: FamilyId) -> ft.Control:
    """One family."""
    desk = use_desk()

    async def read() -> _Read:
        work = desk.work
        return _Read(
            await work.practice.family(family),
            await work.consenting.of_family(family),
            await work.keeping.hold_of(family),
        )

    loaded = use_loaded(read, family)
    back = parts.back(lambda: desk.go(Families()), words.BACK)
    match loaded:
        case Loading():
            return parts.page(back)
        case Failed(sentence):
            return parts.page(back, parts.notice(sentence, error=True))
        case Loaded(found):
            return parts.page(back, *_family(desk, found))


def _family(desk: Desk, found: _Read) -> list[ft.Control]:
    family = found.page.family
    held = [parts.notice(familywords.HELD, identifier="family-held")] if found.hold else []
    return [
        parts.heading(family.code),
        *held,
        _sessions(desk, found.page),
        _people(desk, family),
        _consents(desk, family, found.consents),
        _films(desk, found.page, desk.work.enrolling.inforce.policy.retention),
        _work(desk, found.page),
        _referral(desk, family),
        parts.row(
            parts.link("seen", familywords.SEEN, lambda: desk.go(SeenPlace(family.id))),
            parts.link("hold", familywords.HOLD, lambda: desk.go(HoldPlace(family.id))),
        ),
    ]


def _people(desk: Desk, family: Family) -> ft.Control:
    infant = family.infant
    lines: list[ft.Control] = [parts.strong(words.age(infant))]
    if familywords.outside(infant):
        lines.append(parts.notice(familywords.TOO_OLD, identifier="infant-age"))
    for number, one in enumerate(family.caregivers, 1):
        place = CaregiverPlace(family.id, one.id)
        lines.append(_person(desk, f"caregiver-{number}", one.name, familywords.caregiver(one), place))
    for number, other in enumerate(family.others, 1):
        lines.append(_person(desk, f"other-{number}", other.name, other.who, OtherPlace(family.id, other.id)))
    lines += [parts.notice(text) for text in familywords.limits(family)]
    adding = parts.row(
        parts.secondary(
            "add-caregiver", familywords.ADD_CAREGIVER, lambda: desk.go(CaregiverPlace(family.id))
        ),
        parts.secondary("add-other", familywords.ADD_OTHER, lambda: desk.go(OtherPlace(family.id))),
    )
    return parts.card(parts.title(familywords.PEOPLE), *lines, adding)


def _person(
    desk: Desk, identifier: str, name: str, facts: str, place: CaregiverPlace | OtherPlace
) -> ft.Control:
    said = ft.Column([parts.strong(name), parts.quiet(facts)], spacing=2, tight=True)
    change = parts.link(identifier, f"{familywords.EDIT} {bidi.apart(name)}", lambda: desk.go(place))
    if desk.layout.width < BAR_BELOW:
        return ft.Column([said, parts.row(change)], spacing=2, tight=True)
    beside = ft.Container(change, expand=2, alignment=ft.Alignment.CENTER_RIGHT)
    return ft.Row([ft.Container(said, expand=3), beside])  # a long name leaves room for the other


def _referral(desk: Desk, family: Family) -> ft.Control:
    referral = family.referral
    lines = [familywords.received(family), referral.reason]
    texts: list[ft.Control] = [parts.quiet(text) for text in lines if text]
    if referral.question:
        texts.append(parts.strong(f"“{referral.question}”"))
    change = parts.link("family-details", familywords.EDIT, lambda: desk.go(FamilyDetails(family.id)))
    return parts.card(
        parts.title(familywords.REFERRAL),
        *(texts or [parts.quiet(familywords.NO_REFERRAL)]),
        parts.row(change),
    )


def _work(desk: Desk, page: FamilyPage) -> ft.Control:
    family, ended = page.family, page.family.intervention.ended is not None
    cycles = sorted(
        {visit.session.cycle for visit in page.visits if visit.session.kind in rules.FILMED_UNDER}
    )
    lines = [_cycle(number, page.visits) for number in cycles]
    end = parts.link("end-work", familywords.END, lambda: desk.go(EndingPlace(family.id)))
    again = parts.link("take-up", familywords.TAKE_UP, lambda: desk.spawn(_take_up(desk, family.id)))
    plan = parts.secondary(
        "plan-cycles", familywords.PLAN, lambda: desk.go(PlanCycles(family.id)), icon=ft.Icons.EVENT_REPEAT
    )
    return parts.card(
        parts.title(familywords.WORK),
        parts.tagged("work-state", parts.quiet(familywords.planned(family))),
        *lines,
        parts.row(*([again] if ended else [plan, end])),
    )


def _cycle(number: int, visits: tuple[Visit, ...]) -> ft.Control:
    mine = [visit.session for visit in visits if visit.session.cycle == number]
    facts = [
        f"{familywords.of_cycle(one.kind)} {words.when(one.starts)} ({words.STATUSES[one.status].lower()})"
        for one in mine
        if one.kind in rules.FILMED_UNDER
    ]
    said = familywords.CYCLE.replace("{n}", str(number))
    return ft.Column([parts.strong(said), parts.quiet("; ".join(facts))], spacing=2, tight=True)


async def _take_up(desk: Desk, family: FamilyId) -> None:
    await desk.work.people.take_up(family)
    desk.app.announce()


def _sessions(desk: Desk, page: FamilyPage) -> ft.Control:
    lines = [
        parts.row(
            parts.link(
                f"session-{visit.session.id}",
                f"{words.when(visit.session.starts)} · {words.KINDS[visit.session.kind]}",
                lambda id_=visit.session.id: desk.go(SessionPlace(id_)),  # type: ignore[misc]
            )
        )
        for visit in page.visits
    ]
    plan = parts.primary(
        "new-session", words.NEW_SESSION, lambda: desk.go(NewSession(page.family.id)), icon=ft.Icons.EVENT
    )
    return parts.card(
        parts.title(words.SESSIONS), *(lines or [parts.quiet(words.NO_SESSIONS)]), parts.row(plan)
    )


def _consents(desk: Desk, family: Family, found: list[Standing]) -> ft.Control:
    lines = [_consent(desk, family, one) for one in found]
    return parts.card(parts.title(words.CONSENTS), *(lines or [parts.quiet(words.NO_CONSENTS)]))


def _consent(desk: Desk, family: Family, one: Standing) -> ft.Control:
    consent = one.consent
    yes = ", ".join(scopewords.SCOPES[scope] for scope in Scope if scope in consent.agreed)
    name = family.names.get(consent.given_by, "")
    live = one.state not in _DONE
    ways = [
        parts.link(
            f"agreed-{consent.id}",
            familywords.SEE_CONSENT,
            lambda: desk.go(AgreedPlace(consent.id, family.id)),
        )
    ]
    if live:
        ways.append(
            parts.link(
                f"withdraw-{consent.id}",
                familywords.TAKE_BACK,
                lambda: desk.go(WithdrawPlace(consent.id, family.id)),
            )
        )
    facts = [parts.strong(f"{bidi.apart(name)} · {words.when(consent.signed_at)}")]
    if live:
        facts.append(parts.quiet(f"{words.YES_TO}{yes or words.NOBODY}"))
    icon = ft.Icons.CHECK_CIRCLE_OUTLINE if live else ft.Icons.BLOCK
    chip = parts.tagged(f"state-{consent.id}", parts.chip(familywords.STATES[one.state], icon, good=live))
    return ft.Column([*facts, chip, parts.row(*ways)], spacing=6, tight=True)


def _films(desk: Desk, page: FamilyPage, retention: Retention) -> ft.Control:
    lines = [
        parts.row(
            parts.link(
                f"to-film-{film.id}",
                _film(film, page.family, retention),
                lambda id_=film.session: desk.go(SessionPlace(id_)),  # type: ignore[misc]
            )
        )
        for visit in page.visits
        for film in visit.films
    ]
    return parts.card(parts.title(words.FILMS), *(lines or [parts.quiet(words.NO_FILMS)]))


def _film(film: Recording, family: Family, retention: Retention) -> str:
    if film.state in GONE:
        return f"{words.film(film)} · {words.FILM_STATES[film.state]}"
    by = rules.destroy_by(film, family, retention)
    return f"{words.film(film)} · {familywords.KEPT_UNTIL.replace('{day}', words.day(by))}"
