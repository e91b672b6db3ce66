"""The one web server: everything behind the guard, on 127.0.0.1."""

import asyncio
import contextlib
import errno
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from vigfield.errors import PortTaken
from vigfield.loopback.around import around_routes
from vigfield.loopback.guard import Guard
from vigfield.loopback.intake import FilmHost, intake_route, setup_route
from vigfield.loopback.pages import page_routes
from vigfield.loopback.playback import MediaHost, media_routes

ADDRESS = "127.0.0.1"
MAX_SOCKET_MESSAGE = 9_000_000
STOP_SECONDS = 5


def build(
    ui_socket: Callable[[WebSocket], Awaitable[None]],
    ui_static: ASGIApp,
    films: FilmHost,
    media: MediaHost,
    assets: Path,
) -> ASGIApp:
    """What is behind the guard: the UI's socket, films in and out, our pages, the UI's files for the rest."""
    return Starlette(
        routes=[
            WebSocketRoute("/ws", ui_socket),
            intake_route(films),
            setup_route(films),
            *around_routes(films),
            *media_routes(media),
            *page_routes(assets),
            Mount("/", ui_static),
        ],
        exception_handlers={HTTPException: _plain, Exception: _failed},
    )


class Server:
    """A running server; `start` makes one."""

    def __init__(self, guard: Guard, port: int, server: uvicorn.Server, task: "asyncio.Task[None]") -> None:
        self.guard = guard
        self.port = port
        self._server = server
        self._task = task

    @classmethod
    async def start(cls, app: ASGIApp, port: int = 0) -> "Server":
        """Serve `app` behind a guard of its own on 127.0.0.1; port 0 takes any free one.

        Raises PortTaken if another program listens there.
        """
        # The guard checks the exact Host, so the port has to be known before there is a guard.
        listener = _listen(port)
        port = listener.getsockname()[1]
        guard = Guard(app, f"{ADDRESS}:{port}")
        server = _Uvicorn(_config(guard))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await _started(server, task)
        return cls(guard, port, server, task)

    async def stop(self) -> None:
        """Close every socket and connection, and wait until all is closed."""
        await self.guard.revoke()
        self._server.should_exit = True
        await self._task

    async def wait(self) -> None:
        """Return when the server has stopped."""
        await asyncio.shield(self._task)


class _Uvicorn(uvicorn.Server):
    """Leaves the process's signals to the program that it is part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(guard: Guard) -> uvicorn.Config:
    return uvicorn.Config(
        guard,
        http="h11",
        ws="websockets-sansio",
        ws_max_size=MAX_SOCKET_MESSAGE,
        ws_per_message_deflate=False,
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # There SO_REUSEADDR would let another program take the port over.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((ADDRESS, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise PortTaken("another program has the port") from None
        raise
    return listener


async def _started(server: uvicorn.Server, task: "asyncio.Task[None]") -> None:
    """Wait until the server accepts connections; if it ends instead, raise what ended it."""
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the server ended before it started")
        await asyncio.sleep(0.005)


async def _plain(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Response(status_code=status)


async def _failed(_: Request, __: Exception) -> Response:
    return Response(status_code=500)
