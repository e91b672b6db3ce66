"""Flet's own door: one session a socket, none of them resumable, and the files of its web client.

Flet keeps a session for its tab to come back to. Ours ends with its socket: a reloaded page, a copied tab
or a stolen session id finds a locked app.
"""

import asyncio
import contextvars
import functools
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import flet as ft
from flet.messaging.session import Session
from flet_web.fastapi import FletApp, FletStaticFiles, flet_app
from flet_web.fastapi.flet_app_manager import FletAppManager

from vigfield.app import App
from vigfield.ui import theme, words
from vigfield.ui.desk import Desk, Owner
from vigfield.ui.root import Root

logger = logging.getLogger(__name__)

_opened: contextvars.ContextVar[list[tuple[str, Session]]] = contextvars.ContextVar("opened")


class WebSocket(Protocol):
    """As much of a web server's socket as is read here; Flet takes the rest of it."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers."""
        ...


class _Sessions(FletAppManager):  # type: ignore[misc]
    """Flet's list of sessions, from which no session can be taken up again."""

    async def get_session(self, session_id: str) -> Session | None:
        """Never finds one: every registration makes a new, locked session."""
        return None

    async def add_session(self, session_id: str, session: Session) -> None:
        """Remember which socket a session belongs to."""
        _opened.get().append((session_id, session))
        await super().add_session(session_id, session)


class Host:
    """Serves the screens to the browser: `socket` for Flet's protocol, `static` for its client."""

    def __init__(self, app: App, assets: Path) -> None:
        self._app = app
        self._owner = Owner()
        self._sessions = _Sessions()
        self._desks: dict[str, Desk] = {}
        flet_app.app_manager = self._sessions
        self.static = FletStaticFiles(
            assets_dir=str(assets), app_name=words.APP, app_short_name=words.APP, no_cdn=True
        )

    async def socket(self, websocket: WebSocket) -> None:
        """Serve one socket of Flet's client until it is gone; then lock what was open through it."""
        mine: list[tuple[str, Session]] = []
        token = _opened.set(mine)
        # The guard lets one Host through only, so the header is the server's own address.
        origin = f"http://{websocket.headers['host']}"
        try:
            loop = asyncio.get_running_loop()
            flet = FletApp(
                loop,
                self._sessions.executor,
                functools.partial(self._main, origin),
                None,
                session_timeout_seconds=1,
            )
            await flet.handle(websocket)
        finally:
            _opened.reset(token)
            for key, session in mine:
                await self._gone(key, session)

    async def _main(self, origin: str, page: ft.Page) -> None:
        desk = Desk(self._app, self._owner, page, origin)
        self._desks[page.session.id] = desk
        _dress(page)
        _watch_touches(page, self._app)
        _resize(page, desk)
        # Flet would show the traceback; it is never shown.
        page.session.error = lambda message: desk.say(words.sorry(RuntimeError()))  # type: ignore[method-assign]
        page.render_views(Root, desk)

    async def _gone(self, key: str, session: Session) -> None:
        desk = self._desks.pop(session.id, None)
        if desk is not None:
            await desk.leave()
            desk.close()
        await self._sessions.delete_session(key)


def _dress(page: ft.Page) -> None:
    page.title = words.APP
    page.fonts = theme.FONTS
    page.theme = theme.theme()
    page.dark_theme = theme.theme()
    page.theme_mode = ft.ThemeMode.SYSTEM
    page.locale_configuration = ft.LocaleConfiguration(
        current_locale=ft.Locale("en", "GB"), supported_locales=[ft.Locale("en", "GB")]
    )


def _watch_touches(page: ft.Page, app: App) -> None:
    """Every event that a person causes passes through here: the auto-lock starts anew."""
    dispatch = page.session.dispatch_event

    async def watched(control: int, name: str, data: object) -> None:
        app.touch()
        await dispatch(control, name, data)
        # Flet's update task dies of any error in a render; this starts it again and is nothing otherwise.
        page.session.start_updates_scheduler()  # type: ignore[no-untyped-call]

    page.session.dispatch_event = watched  # type: ignore[assignment,method-assign]


def _resize(page: ft.Page, desk: Desk) -> None:
    def resized(event: ft.PageResizeEvent) -> None:
        desk.layout.width, desk.layout.height = event.width, event.height

    page.on_resize = resized
