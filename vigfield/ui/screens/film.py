"""Film and play: our own pages in a frame, with nothing of the record around them."""

from urllib.parse import quote

import flet as ft
from flet_webview import WebView

from vigfield.app import Covered, Running
from vigfield.ui import parts, words
from vigfield.ui.desk import Desk
from vigfield.ui.hooks import boundary, use_desk
from vigfield.ui.places import FilmPlace, PlayPlace, SessionPlace

_BAR = 64
_DARK = "#0c1413"  # as around the camera's picture


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
    return _framed(desk, bar, f"/capture/#{quote(place.token)}", dark=filming)


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
