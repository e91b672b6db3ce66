"""A session's page: its consent, its films and its next step."""

from dataclasses import dataclass

import flet as ft

from vigfield import clock, rules
from vigfield.app import Kept, Running, Visit
from vigfield.model import (
    GONE,
    PLAYABLE,
    FamilyId,
    Recording,
    RecordingId,
    SessionId,
    Upload,
)
from vigfield.rules import Allowed, Reason, Refused
from vigfield.ui import bidi, calendarwords, dutywords, parts, qualitywords, refusals, uploadwords, words
from vigfield.ui.actions import open_camera, open_film
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import ConsentPlace, Today
from vigfield.ui.screens.erase import way_to_erase
from vigfield.ui.screens.standing import standing


@dataclass(frozen=True, slots=True)
class _Read:
    visit: Visit
    troubles: dict[RecordingId, Reason]
    kept: dict[RecordingId, Kept]
    away: dict[RecordingId, Upload | None]


@ft.component
@boundary
def SessionScreen(session: SessionId) -> ft.Control:
    """One session."""
    desk = use_desk()

    async def read() -> _Read:
        work = desk.work
        visit = await work.practice.visit(session)
        filming = work.filming.state
        running = filming.recording if isinstance(filming, Running) else None
        kept = {film.id: await work.keeping.of(film.id) for film in visit.films}
        away = {film.id: await work.uploading.of(film.id) for film in visit.films}
        return _Read(visit, await work.shelf.troubles(visit.films, running), kept, away)

    loaded = use_loaded(read, session)
    back = parts.back(lambda: desk.go(Today()), words.BACK)
    match loaded:
        case Loading():
            return parts.page(back)
        case Failed(sentence):
            return parts.page(back, parts.notice(sentence, error=True))
        case Loaded(found):
            return parts.page(back, *_visit(desk, found))


def _visit(desk: Desk, found: _Read) -> list[ft.Control]:
    visit = found.visit
    lines: list[ft.Control] = [
        parts.heading(words.KINDS[visit.session.kind]),
        parts.card(*_facts(visit), *standing(desk, visit.session, filmed=bool(visit.films))),
    ]
    if visit.session.kind in rules.FILMED_UNDER:
        lines.append(_consent(desk, visit))
    return [*lines, _films(desk, found)] if visit.films or len(lines) > 2 else lines


def _facts(visit: Visit) -> list[ft.Control]:
    session, family = visit.session, visit.family
    facts: list[ft.Control] = [
        parts.strong(words.whose(session, family)),
        parts.quiet(f"{words.day(clock.local(session.starts).date())} · {calendarwords.line(session)}"),
    ]
    if family is not None:
        names = bidi.listed(name for person, name in family.names.items() if person in session.on_camera)
        facts.append(parts.quiet(f"{words.CYCLE} {session.cycle} · {calendarwords.ON_CAMERA}: {names}"))
    if session.note:
        facts.append(ft.Text(session.note))
    return facts


def _consent(desk: Desk, visit: Visit) -> ft.Control:
    session = visit.session.id
    match visit.verdict:
        case Allowed():
            camera = parts.primary(
                "film", words.FILM, lambda: open_camera(desk, session), icon=ft.Icons.VIDEOCAM
            )
            state = parts.chip(words.CONSENT_HERE, ft.Icons.CHECK_CIRCLE_OUTLINE, good=True)
            change = parts.link("take-consent", words.CONSENT_CHANGE, lambda: desk.go(ConsentPlace(session)))
            family = visit.session.family
            withdraw = parts.link("withdraw-consent", words.WITHDRAW, lambda: _ask_to_withdraw(desk, family))
            return parts.card(state, parts.row(camera, change, withdraw))
        case Refused(Reason.CANCELLED):
            return parts.card(parts.notice(refusals.REASONS[Reason.CANCELLED], identifier="film-refused"))
        case Refused(reason):
            take = parts.primary(
                "take-consent",
                words.TAKE_CONSENT,
                lambda: desk.go(ConsentPlace(session)),
                icon=ft.Icons.EDIT_DOCUMENT,
            )
            camera = parts.secondary(
                "film", words.FILM, lambda: open_camera(desk, session), icon=ft.Icons.VIDEOCAM
            )
            why = parts.notice(refusals.REASONS[reason], identifier="film-refused")
            return parts.card(why, parts.row(take, camera))


def _ask_to_withdraw(desk: Desk, family: FamilyId | None) -> None:
    if family is None:
        return

    def withdraw() -> None:
        desk.dismiss()
        desk.spawn(_withdraw(desk, family))

    desk.show(
        parts.question(
            title=words.WITHDRAW,
            content=ft.Text(words.WITHDRAW_WHAT),
            actions=[
                parts.link("withdraw-cancel", words.CANCEL, desk.dismiss),
                parts.primary("withdraw-confirm", words.WITHDRAW, withdraw),
            ],
        )
    )


async def _withdraw(desk: Desk, family: FamilyId) -> None:
    await desk.app.withdraw(family)
    desk.say(words.WITHDRAWN)


def _films(desk: Desk, found: _Read) -> ft.Control:
    lines = [_film(desk, film, found) for film in found.visit.films]
    return parts.card(parts.title(words.FILMS), *(lines or [parts.quiet(words.NO_FILMS)]))


def _film(desk: Desk, film: Recording, found: _Read) -> ft.Control:
    trouble, kept = found.troubles.get(film.id), found.kept[film.id]
    facts: list[ft.Control] = [
        parts.strong(words.film(film)),
        parts.tagged(f"film-state-{film.id}", parts.quiet(words.film_state(film, trouble))),
        *([parts.notice(refusals.REASONS[trouble], identifier=f"film-trouble-{film.id}")] if trouble else []),
        *(parts.quiet(line) for line in qualitywords.sentences(film)),
        *_keeping(film, kept),
        *_away(film, found.away[film.id]),
    ]
    if film.state in PLAYABLE and trouble is None:
        play = parts.secondary(
            f"play-{film.id}", words.PLAY, lambda: open_film(desk, film), icon=ft.Icons.PLAY_ARROW
        )
        facts.append(parts.row(play))
    facts += way_to_erase(desk, film)
    return parts.stack(facts)


def _away(film: Recording, upload: Upload | None) -> list[ft.Control]:
    """Where it stands on its way to the service, if it ever was on it."""
    if upload is None:
        return []
    said = " ".join(uploadwords.of_film(film, upload))
    return [parts.tagged(f"away-{film.id}", parts.quiet(said))]


def _keeping(film: Recording, kept: Kept) -> list[ft.Control]:
    """Until when a film is kept; what of it is on the list of erasures, and what stops that."""
    if film.state in GONE:
        return []
    lines: list[ft.Control] = [parts.tagged(f"kept-{film.id}", parts.quiet(dutywords.kept(kept)))]
    lines += [
        parts.notice(dutywords.asked(due), identifier=f"due-{film.id}-{due.what.value}")
        for due in kept.queued
    ]
    if kept.hold is not None:
        lines.append(parts.notice(dutywords.held(kept.hold), identifier=f"held-{film.id}"))
    return lines
