"""Film and play: our own pages in a frame, with nothing of the record around them."""

from urllib.parse import quote

import flet as ft
from flet_webview import WebView

from vigfield.app import Covered, Open, Running
from vigfield.rules import FILMED_UNDER
from vigfield.ui import consentwords, parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import boundary, use_desk
from vigfield.ui.places import FilmPlace, PlayPlace, SessionPlace

_BAR = 64
_DARK = "#0c1413"  # as around the camera's picture
_PALE = "#cfe8e4"


@ft.component
@boundary
def FilmScreen(place: FilmPlace) -> ft.Control:
    """The camera. The frame stays as it is until the film has ended, even when a lock is asked for."""
    desk = use_desk()
    ft.use_state(desk.seen)
    filming = isinstance(desk.state, Covered) or isinstance(desk.work.filming.state, Running)

    def leave() -> None:
        desk.work.playing.close()  # the look at the film's end
        desk.go(SessionPlace(place.session))

    bar = ft.Row(
        [
            parts.link("film-back", words.BACK_TO_SESSION, leave, icon=ft.Icons.ARROW_BACK),
            parts.link("lock", words.LOCK, lambda: desk.spawn(desk.app.lock()), icon=ft.Icons.LOCK_OUTLINE),
        ],
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        visible=not filming,
    )
    if filming and isinstance(desk.state, Open):
        bar = ft.Row([_take_back(desk, place)], alignment=ft.MainAxisAlignment.END)
    return _framed(desk, bar, f"/capture/#{quote(place.token)}", dark=filming)


def _take_back(desk: Desk, place: FilmPlace) -> ft.Control:
    """While filming: somebody does not agree any more. It asks once, for a film cannot be begun again."""

    def ask() -> None:
        desk.show(
            parts.question(
                title=consentwords.STOP_AND_TAKE_BACK,
                content=ft.Text(consentwords.STOP_AND_TAKE_BACK_WHAT),
                actions=[
                    parts.link("film-go-on", consentwords.GO_ON, desk.dismiss),
                    parts.primary("film-take-back-now", consentwords.STOP_AND_TAKE_BACK, now),
                ],
            )
        )

    def now() -> None:
        desk.dismiss()
        desk.spawn(_stop_and_take_back(desk, place))

    style = ft.ButtonStyle(color=_PALE)
    button = ft.TextButton(consentwords.TAKE_BACK_NOW, style=style, on_click=lambda _: ask())
    return parts.tagged("film-take-back", button)


async def _stop_and_take_back(desk: Desk, place: FilmPlace) -> None:
    session = (await desk.work.practice.visit(place.session)).session
    if session.family is None:
        return
    scope = FILMED_UNDER[session.kind]
    desk.say(consentwords.taken_back(await desk.app.withdraw(session.family, None, frozenset({scope}))))


@ft.component
@boundary
def PlayScreen(place: PlayPlace) -> ft.Control:
    """The player."""
    desk = use_desk()

    def leave() -> None:
        desk.work.playing.close()
        desk.go(SessionPlace(place.session))

    bar = ft.Row([parts.link("play-back", words.BACK_TO_SESSION, leave, icon=ft.Icons.ARROW_BACK)])
    return _framed(desk, bar, f"/player/#{quote(place.token)}")


def _framed(desk: Desk, bar: ft.Control, path: str, *, dark: bool = False) -> ft.Control:
    """A bar above a frame; the bar keeps its room when it is empty, so that the frame never moves."""
    padding = ft.Padding.symmetric(horizontal=8, vertical=4)
    return ft.Column(
        [
            ft.Container(bar, height=_BAR, padding=padding, bgcolor=_DARK if dark else None),
            WebView(url=desk.origin + path, expand=True),
        ],
        spacing=0,
        expand=True,
    )
