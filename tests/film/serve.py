"""A server for tests of the camera page: `python -m tests.film.serve FOLDER PORT [JSON]`.

Sends the headers that vigfield's guard sends, and lets a test pull switches at `/test/...`.
"""

import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.film.host import ASSETS, FileHost
from vigfield.loopback.around import around_routes
from vigfield.loopback.intake import intake_route, setup_route
from vigfield.loopback.playback import media_routes

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; "
    "form-action 'none'; object-src 'none'; frame-ancestors 'self'"
)
FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'"
HEADERS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=()",
    "cache-control": "no-store",
}
FRAME = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Frame</title>
<link rel="icon" href="data:,">
<style>html,body{margin:0;height:100%}iframe{border:0;width:100%;height:100%}</style>
<iframe allow="camera; microphone; screen-wake-lock" src="/capture/#TOKEN"></iframe>"""


class Headers:
    """The guard's headers on every answer, and a way to cut every film's link."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                policy = FRAME_POLICY if scope["path"] == "/frame" else POLICY
                headers = {**HEADERS, "content-security-policy": policy}
                more = [(name.encode(), value.encode()) for name, value in headers.items()]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        if scope["type"] == "websocket":
            LINKS.append(send)
        await self.app(scope, receive, out)


LINKS: list[Send] = []


def build(host: FileHost) -> Starlette:
    """The camera page with its two doors, and the test's switches."""

    async def switch(request: Request) -> Response:
        host.switches = host.switches if host.part is None else host.part._switches
        for name, value in (await request.json()).items():
            setattr(host.switches, name, value)
        return JSONResponse(dataclasses.asdict(host.switches))

    async def push_stop(_: Request) -> Response:
        assert host.part is not None
        host.part.stop.set()
        return Response(status_code=204)

    async def cut(_: Request) -> Response:
        await LINKS.pop()({"type": "websocket.close", "code": 1011})
        return Response(status_code=204)

    async def frame(_: Request) -> Response:
        return HTMLResponse(FRAME.replace("TOKEN", host._token()))

    return Starlette(
        routes=[
            setup_route(host),
            *around_routes(host),
            *media_routes(host),
            intake_route(host),
            Route("/frame", frame),
            Route("/test/switch", switch, methods=["POST"]),
            Route("/test/stop", push_stop, methods=["POST"]),
            Route("/test/cut", cut, methods=["POST"]),
            Mount("/capture", StaticFiles(directory=ASSETS / "capture", html=True)),
            Mount("/vendor", StaticFiles(directory=ASSETS / "vendor")),
            Mount("/fonts", StaticFiles(directory=ASSETS / "fonts")),
        ],
        middleware=[Middleware(Headers)],
    )


def main(arguments: Sequence[str]) -> None:
    folder, port, *more = arguments
    host = FileHost(Path(folder), json.loads(more[0]) if more else {})
    uvicorn.run(
        build(host), host="127.0.0.1", port=int(port), log_level="warning", ws_per_message_deflate=False
    )


if __name__ == "__main__":
    main(sys.argv[1:])
