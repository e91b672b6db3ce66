"""What the camera page asks around a film: to remember a choice before it, a look at its end after it."""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vigfield.loopback.answers import PRIVATE as HEADERS
from vigfield.loopback.choice import parse_choice
from vigfield.loopback.film import FilmHost

MAX_BODY = 4096


def around_routes(host: FilmHost) -> list[Route]:
    """The routes; their token travels in a header, and a device's name reaches no log and no URL."""

    async def choose(request: Request) -> Response:
        choice = parse_choice(await _short_text(request))
        if choice is None:
            return JSONResponse({"why": "choice"}, 400, HEADERS)
        if not await host.choose(request.headers.get("x-token", ""), choice):
            return JSONResponse({"why": "token"}, 403, HEADERS)
        return Response(status_code=204, headers=HEADERS)

    async def look(request: Request) -> Response:
        link = await host.look(request.headers.get("x-token", ""))
        if link is None:
            return Response(status_code=204, headers=HEADERS)
        return JSONResponse({"link": link}, headers=HEADERS)

    return [
        Route("/capture/choice", choose, methods=["POST"]),
        Route("/capture/look", look, methods=["POST"]),
    ]


async def _short_text(request: Request) -> str:
    """A body of at most MAX_BODY bytes as text; nothing for a longer or broken one."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY:
                return ""
        return body.decode()
    except (ClientDisconnect, UnicodeDecodeError):
        return ""
