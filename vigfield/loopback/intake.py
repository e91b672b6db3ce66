"""The film's way in: a WebSocket that takes fragments in order and acknowledges what is on the disk.

One link carries one part of one film: `hello`, then `ready`, then fragments, each acknowledged after it was
written and synced, then `end` and `closed`. A link that breaks leaves its part closed at the last written
fragment, and the page goes on in the next part with the token that `ready` gave it. So does it after an
`end` that says that there is more: the camera came back, with a new init segment.
"""

import asyncio
import hmac
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from vigfield.errors import VigfieldError
from vigfield.loopback.film import Film, FilmHost, NoFilm, Written
from vigfield.loopback.messages import End, Fault, Hello, Opening, parse_hello
from vigfield.loopback.reception import FAULT, Limits, Reception, why_stopped
from vigfield.loopback.wire import Gone, hear, refuse

__all__ = [
    "WORDS",
    "End",
    "Film",
    "FilmHost",
    "Hello",
    "Limits",
    "NoFilm",
    "Written",
    "intake_route",
    "setup_route",
]

logger = logging.getLogger(__name__)

REFUSED = 4403

WORDS = (
    "button.record",
    "button.stop",
    "button.retry",
    "button.withoutSound",
    "button.choose",
    "button.done",
    "button.dim",
    "button.brighten",
    "button.lightOn",
    "button.lightOff",
    "button.zoomIn",
    "button.zoomOut",
    "label.preview",
    "label.sound",
    "label.time",
    "label.minutesLeft",
    "label.hoursLeft",
    "label.camera",
    "label.microphone",
    "label.frontCamera",
    "label.backCamera",
    "label.tabletsMicrophone",
    "label.zoom",
    "label.brighten",
    "label.look",
    "state.starting",
    "state.ready",
    "state.connecting",
    "state.filming",
    "state.sealed",
    "state.behind",
    "state.unsaved",
    "state.searching",
    "state.linkLost",
    "state.saving",
    "state.held",
    "state.saved",
    "state.interrupted",
    "notice.noSound",
    "notice.soundLost",
    "notice.pictureLost",
    "notice.pictureFound",
    "notice.encoderFailed",
    "notice.windowFull",
    "notice.stopAsked",
    "notice.longest",
    "notice.spaceLow",
    "notice.silence",
    "notice.otherCamera",
    "notice.otherMicrophone",
    "notice.choiceNotKept",
    "notice.notShown",
    "problem.permission",
    "problem.noCamera",
    "problem.cameraBusy",
    "problem.soundPermission",
    "problem.noMicrophone",
    "problem.microphoneBusy",
    "problem.noSoundEncoder",
    "problem.noEncoder",
    "problem.browser",
    "problem.otherTab",
    "refused.token",
    "refused.disk-full",
    "refused.disk",
    "refused.already-filming",
    "refused.unreachable",
    "refused.other",
    "stopped.disk-full",
    "stopped.disk",
)
"""The keys of every sentence on the camera page; what each says in English is in assets/capture/README.md."""


def intake_route(host: FilmHost, limits: Limits | None = None) -> WebSocketRoute:
    """The WebSocket that films arrive on."""
    return WebSocketRoute("/rec", _Intake(host, limits or Limits()).serve)


def setup_route(host: FilmHost) -> Route:
    """What the camera page asks for before it films; the token travels in a header, never in the URL."""

    async def setup(request: Request) -> Response:
        found = host.setup(request.headers.get("x-token", ""))
        headers = {"Cache-Control": "no-store"}
        if found is None:
            return JSONResponse({"why": "token"}, 403, headers)
        return JSONResponse(dict(found), headers=headers)

    return Route("/capture/setup", setup, methods=["GET"])


class _Intake:
    """Opens parts, and knows the last one: a page that comes back is told what of it was kept."""

    def __init__(self, host: FilmHost, limits: Limits) -> None:
        self._host = host
        self._limits = limits
        self._last: Reception | None = None

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept()
        match await self._opening(socket):
            case Opening() as opening:
                await self._begin(socket, opening)
            case Fault() as fault:
                await refuse(socket, {"type": "fault", "why": fault.value}, FAULT)
            case Gone():
                pass

    async def _opening(self, socket: WebSocket) -> Opening | Fault | Gone:
        try:
            async with asyncio.timeout(self._limits.hello):
                message = await hear(socket)
        except TimeoutError:
            return Fault.HELLO_LATE
        return message if isinstance(message, Gone) else parse_hello(message)

    async def _begin(self, socket: WebSocket, opening: Opening) -> None:
        previous = await self._previous(opening.token)
        if previous is not None and previous.finished is not None:
            await refuse(socket, {"type": "closed", "bytes": previous.finished}, 1000)
            return
        film = await self._film(opening)
        if isinstance(film, NoFilm):
            logger.info("film refused: %s", film.why)
            await refuse(socket, {"type": "refused", "why": film.why}, REFUSED)
            return
        self._last = Reception(socket, film, self._limits)
        kept = {} if previous is None else {"kept": previous.written}
        await self._last.run(kept)

    async def _previous(self, token: str) -> "Reception | None":
        """The part that this token continues, closed: its link is dead, though nobody may have noticed."""
        last = self._last
        if last is None or not hmac.compare_digest(last.next_token.encode(), token.encode()):
            return None
        await last.hang_up()
        return last

    async def _film(self, opening: Opening) -> Film | NoFilm:
        try:
            return await self._host.begin(opening.token, opening.hello)
        except (VigfieldError, OSError) as error:
            return NoFilm(why_stopped(error))
