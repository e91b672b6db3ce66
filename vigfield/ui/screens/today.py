"""Today: the day's sessions in order, each with its consent state and the one next step."""

from datetime import datetime
from typing import assert_never

import flet as ft

from vigfield import clock, rules
from vigfield.app import Reminders, Step, Visit
from vigfield.model import Delivery
from vigfield.rules import Allowed, Refused
from vigfield.ui import dutywords, filmwords, parts, refusals, servicewords, words
from vigfield.ui.actions import open_camera, open_film
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import ConsentPlace, Duties, FamilyPlace, NewFamily, NewSession, Place, SessionPlace


@ft.component
@boundary
def TodayScreen() -> ft.Control:
    """The day."""
    desk = use_desk()
    work = desk.work
    today = clock.today()

    async def read() -> tuple[list[Visit], int, int, datetime | None, Reminders]:
        counts = await work.practice.outbox_counts()
        families = await work.people.count()
        waiting = sum(count for state, count in counts.items() if state is not Delivery.SENT)
        late = await work.practice.clock_behind()
        return (
            await work.practice.day(today),
            waiting,
            families,
            late,
            await work.reminding.today(clock.now()),
        )

    loaded = use_loaded(read, today)
    header = [
        parts.heading(words.TODAY),
        parts.quiet(words.day(today)),
        *([parts.notice(words.DEMO_HERE, identifier="demo-notice")] if desk.app.demo else []),
    ]
    match loaded:
        case Loading():
            return parts.page(*header)
        case Failed(sentence):
            return parts.page(*header, parts.notice(sentence, error=True))
        case Loaded((visits, waiting, families, late, reminders)):
            if late is not None:
                header.append(parts.notice(filmwords.clock_behind(late), identifier="clock-notice"))
            return parts.page(
                *header, *_visits(desk, visits, families), *_due(desk, reminders), _foot(desk, waiting)
            )


def _visits(desk: Desk, visits: list[Visit], families: int) -> list[ft.Control]:
    add_family = parts.secondary(
        "new-family", words.NEW_FAMILY, lambda: desk.go(NewFamily()), icon=ft.Icons.GROUP_ADD
    )
    if not families:
        first = parts.primary(
            "new-family", words.NEW_FAMILY, lambda: desk.go(NewFamily()), icon=ft.Icons.GROUP_ADD
        )
        return [parts.empty(words.NO_FAMILIES, words.NO_FAMILIES_WHAT, first)]
    plan = parts.secondary(
        "new-session", words.NEW_SESSION, lambda: desk.go(NewSession()), icon=ft.Icons.EVENT
    )
    if not visits:
        return [parts.empty(words.NOTHING_TODAY, words.NOTHING_TODAY_WHAT, plan, add_family)]
    return [*(_visit(desk, visit) for visit in visits), parts.row(plan, add_family)]


def _visit(desk: Desk, visit: Visit) -> ft.Control:
    session = visit.session
    details = [
        parts.strong(words.whose(visit.session, visit.family)),
        parts.quiet(
            f"{words.KINDS[session.kind]} · {words.where(session)} · {words.STATUSES[session.status]}"
        ),
        *([_consent(visit.verdict)] if session.kind in rules.FILMED_UNDER else []),
    ]
    return parts.card(
        ft.Row(
            [
                parts.title(words.time(session.starts)),
                ft.Column(details, spacing=8, tight=True, expand=True),
            ],
            spacing=20,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        parts.row(
            *_next(desk, visit),
            parts.link(f"open-{session.id}", words.STEPS[Step.NOTHING], lambda: _open(desk, visit)),
        ),
        identifier=f"visit-{session.id}",
    )


def _consent(verdict: Allowed | Refused) -> ft.Control:
    match verdict:
        case Allowed():
            return parts.chip(words.CONSENT_HERE, ft.Icons.CHECK_CIRCLE_OUTLINE, good=True)
        case Refused(reason):
            return parts.chip(refusals.briefly(reason), ft.Icons.EDIT_DOCUMENT, good=False)
        case _:
            assert_never(verdict)


def _next(desk: Desk, visit: Visit) -> list[ft.Control]:
    session, identifier, label = visit.session.id, f"next-{visit.session.id}", words.STEPS[visit.step]
    match visit.step:
        case Step.TAKE_CONSENT:
            sign = lambda: desk.go(ConsentPlace(session))
            return [parts.primary(identifier, label, sign, icon=ft.Icons.EDIT_DOCUMENT)]
        case Step.FILM:
            camera = lambda: open_camera(desk, session)
            return [parts.primary(identifier, label, camera, icon=ft.Icons.VIDEOCAM)]
        case Step.LOOK_AT_FILM:
            film = visit.open_films[-1]
            look = lambda: open_film(desk, film)
            return [parts.primary(identifier, label, look, icon=ft.Icons.PLAY_ARROW)]
        case Step.NOTHING:
            return []


def _open(desk: Desk, visit: Visit) -> None:
    desk.go(SessionPlace(visit.session.id))


def _due(desk: Desk, reminders: Reminders) -> list[ft.Control]:
    """What is soon and due, each with its way there; nothing when there is nothing."""
    lines = [*_next_session(desk, reminders), *_erasures(desk, reminders)]
    for number, one in enumerate(reminders.ending, 1):
        said = dutywords.consent_ends(one.family.code, one.day)
        lines.append(
            _way(desk, f"soon-consent-{number}", said, FamilyPlace(one.family.id), ft.Icons.EDIT_DOCUMENT)
        )
    for number, film in enumerate(reminders.unreviewed, 1):
        said = dutywords.review_due(film.family.code, film.cycle, film.filmed)
        lines.append(
            _way(desk, f"soon-review-{number}", said, FamilyPlace(film.family.id), ft.Icons.RATE_REVIEW)
        )
    return [parts.card(parts.title(dutywords.SOON), *lines, identifier="today-duties")] if lines else []


def _next_session(desk: Desk, reminders: Reminders) -> list[ft.Control]:
    """The next session, unless it stands above with the others of today."""
    upcoming = reminders.next
    if upcoming is None or clock.local(upcoming.session.starts).date() == clock.today():
        return []
    said = dutywords.upcoming(upcoming.session, upcoming.family)
    return [_way(desk, "soon-next", said, SessionPlace(upcoming.session.id), ft.Icons.EVENT)]


def _erasures(desk: Desk, reminders: Reminders) -> list[ft.Control]:
    if not reminders.erasures:
        return []
    return [_way(desk, "soon-erase", dutywords.erasures(reminders), Duties(), ft.Icons.SCHEDULE)]


def _way(desk: Desk, identifier: str, text: str, place: Place, icon: ft.IconData) -> ft.Control:
    """A line that leads there when it is touched."""
    line = ft.Row([ft.Icon(icon), ft.Text(text, expand=True), ft.Icon(ft.Icons.CHEVRON_RIGHT)], spacing=12)
    surface = ft.Container(
        content=line,
        padding=ft.Padding.symmetric(horizontal=8, vertical=14),
        border_radius=14,
        ink=True,
        on_click=lambda _: desk.go(place),
    )
    return parts.tagged(identifier, surface)


def _foot(desk: Desk, waiting: int) -> ft.Control:
    room, telling = words.minutes_left(desk.work.filming.minutes_left()), desk.work.telling
    if telling.running:
        told = f"{words.SENDING_NOW} · {servicewords.sent_so_far(telling.progress, telling.last)}"
    else:
        told = f"{words.waiting(waiting)}.{servicewords.after_run(telling.last)}"
    return parts.tagged("today-foot", parts.quiet(f"{room} · {told}"))
