"""Film and play: our own pages in a frame, with nothing of the record around them."""

from urllib.parse import quote

import flet as ft
from flet_webview import WebView

from vigfield.app import Covered, Running
from vigfield.ui import parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import boundary, use_desk
from vigfield.ui.places import FilmPlace, PlayPlace, SessionPlace


@ft.component
@boundary
def FilmScreen(place: FilmPlace) -> ft.Control:
    """The camera. The frame stays as it is until the film has ended, even when a lock is asked for."""
    desk = use_desk()
    ft.use_state(desk.seen)
    return _framed(desk, "film-back", f"/capture/#{quote(place.token)}", lambda: _leave(desk, place))


@ft.component
@boundary
def PlayScreen(place: PlayPlace) -> ft.Control:
    """The player."""
    desk = use_desk()

    def leave() -> None:
        desk.work.work.playing.close()
        desk.go(SessionPlace(place.session))

    return _framed(desk, "play-back", f"/player/#{quote(place.token)}", leave)


def _leave(desk: Desk, place: FilmPlace) -> None:
    if isinstance(desk.state, Covered) or isinstance(desk.work.work.filming.state, Running):
        desk.say(words.STOP_FIRST)
    else:
        desk.go(SessionPlace(place.session))


def _framed(desk: Desk, identifier: str, path: str, leave: parts.Click) -> ft.Control:
    return ft.Column(
        [
            ft.Container(
                parts.link(identifier, words.BACK, leave, icon=ft.Icons.ARROW_BACK),
                padding=ft.Padding.symmetric(horizontal=8, vertical=4),
            ),
            WebView(url=desk.origin + path, expand=True),
        ],
        spacing=0,
        expand=True,
    )
