"""A session's page: its consent, its films and its next step."""

import flet as ft

from vigfield.app import Running, Visit
from vigfield.model import FamilyId, Recording, RecordingId, RecordingState, SessionId
from vigfield.rules import Allowed, Reason, Refused
from vigfield.ui import parts, qualitywords, refusals, words
from vigfield.ui.actions import open_camera, open_film
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import Failed, Loaded, Loading, boundary, use_desk, use_loaded
from vigfield.ui.places import ConsentPlace, Today
from vigfield.ui.screens.erase import way_to_erase

_PLAYABLE = (RecordingState.WHOLE, RecordingState.INTERRUPTED)


@ft.component
@boundary
def SessionScreen(session: SessionId) -> ft.Control:
    """One session."""
    desk = use_desk()

    async def read() -> tuple[Visit, dict[RecordingId, Reason]]:
        work = desk.work
        visit = await work.practice.visit(session)
        filming = work.filming.state
        return visit, await work.shelf.troubles(
            visit.films, filming.recording if isinstance(filming, Running) else None
        )

    loaded = use_loaded(read, session)
    back = parts.back(lambda: desk.go(Today()), words.BACK)
    match loaded:
        case Loading():
            return parts.page(back)
        case Failed(sentence):
            return parts.page(back, parts.notice(sentence, error=True))
        case Loaded((visit, troubles)):
            return parts.page(back, *_visit(desk, visit, troubles))


def _visit(desk: Desk, visit: Visit, troubles: dict[RecordingId, Reason]) -> list[ft.Control]:
    session = visit.session
    return [
        parts.heading(words.KINDS[session.kind]),
        parts.card(
            parts.strong(words.whose(session, visit.family)),
            parts.quiet(
                f"{words.when(session.starts)} · {words.where(session)} · {words.CYCLE} {session.cycle}"
            ),
        ),
        _consent(desk, visit),
        _films(desk, visit, troubles),
    ]


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
        ft.AlertDialog(
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


def _films(desk: Desk, visit: Visit, troubles: dict[RecordingId, Reason]) -> ft.Control:
    lines = [_film(desk, film, troubles.get(film.id)) for film in visit.films]
    return parts.card(parts.title(words.FILMS), *(lines or [parts.quiet(words.NO_FILMS)]))


def _film(desk: Desk, film: Recording, trouble: Reason | None) -> ft.Control:
    facts: list[ft.Control] = [
        parts.strong(words.film(film)),
        parts.tagged(f"film-state-{film.id}", parts.quiet(words.film_state(film, trouble))),
        *([parts.notice(refusals.REASONS[trouble], identifier=f"film-trouble-{film.id}")] if trouble else []),
        *(parts.quiet(line) for line in qualitywords.sentences(film)),
    ]
    if film.state in _PLAYABLE and trouble is None:
        play = parts.secondary(
            f"play-{film.id}", words.PLAY, lambda: open_film(desk, film), icon=ft.Icons.PLAY_ARROW
        )
        facts.append(parts.row(play))
    facts += way_to_erase(desk, film)
    return parts.stack(facts)
