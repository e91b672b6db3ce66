"""Pictures kept from a film: /media/<token>/still, from memory to memory, and never to a cache."""

import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vigfield.loopback.answers import PRIVATE as HEADERS

LARGEST = 8_000_000
KIND = "image/png"
_START = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_END = b"\0\0\0\0IEND\xaeB`\x82"


@dataclass(frozen=True, slots=True)
class Still:
    """One kept picture: its number, the frame of the film (from 0), and when that is shown, in seconds."""

    number: int
    frame: int
    seconds: float


@dataclass(frozen=True, slots=True)
class NoStill:
    """Pictures may not be kept or seen now, or this one could not be kept; `why` is a word for the page."""

    why: str


class Stills(Protocol):
    """The pictures kept from one film. A VigfieldError ends the answer as a failure."""

    async def all(self) -> Sequence[Still] | NoStill:
        """Every kept picture, oldest first."""
        ...

    async def keep(self, frame: int, picture: bytes) -> Still | NoStill:
        """Keep a PNG of this frame; it is on the disk for good when this returns a Still."""
        ...

    async def picture(self, number: int) -> bytes | NoStill | None:
        """The PNG; None when there is none of this number."""
        ...

    async def remove(self, number: int) -> bool:
        """Remove a picture; whether there was one."""
        ...


class Film(Protocol):
    """What is needed of the film that is being played."""

    @property
    def index(self) -> Mapping[str, object]:
        """`pts`, `width` and `height`."""
        ...

    @property
    def stills(self) -> Stills:
        """Its pictures."""
        ...


Find = Callable[[str], Film | None]
"""The film behind a token; asked at every request."""


def still_routes(find: Find) -> list[Route]:
    """The routes by which the player page keeps, lists, shows and removes pictures."""

    async def keep(request: Request, film: Film) -> Response:
        frame = request.headers.get("x-frame", "")
        picture = await _body(request)
        if picture is None:
            return _empty(413)
        if not _is_frame(frame, film.index) or not is_picture_of(picture, film.index):
            return _empty(400)
        return _said(await film.stills.keep(int(frame), picture), 201)

    async def every(_: Request, film: Film) -> Response:
        found = await film.stills.all()
        return _no(found) if isinstance(found, NoStill) else _json([asdict(still) for still in found])

    async def see(request: Request, film: Film) -> Response:
        match await film.stills.picture(request.path_params["number"]):
            case None:
                return _empty(404)
            case NoStill() as no:
                return _no(no)
            case picture:
                return Response(picture, headers={**HEADERS, "Content-Type": KIND})

    async def remove(request: Request, film: Film) -> Response:
        return _empty(204 if await film.stills.remove(request.path_params["number"]) else 404)

    one = "/media/{token}/still/{number:int}"
    return [
        Route("/media/{token}/still", _of(find, keep), methods=["PUT"]),
        Route("/media/{token}/stills", _of(find, every), methods=["GET"]),
        Route(one, _of(find, see), methods=["GET"]),
        Route(one, _of(find, remove), methods=["DELETE"]),
    ]


def is_picture_of(data: bytes, index: Mapping[str, object]) -> bool:
    """Whether these bytes are, from end to end, one PNG of the film's size."""
    if not data.startswith(_START) or not data.endswith(_END) or len(data) < len(_START) + 8 + len(_END):
        return False
    width, height = struct.unpack_from(">II", data, len(_START))
    return (width, height) == (index.get("width"), index.get("height"))


def _of(
    find: Find, answer: Callable[[Request, Film], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    async def found(request: Request) -> Response:
        film = find(request.path_params["token"])
        return _empty(404) if film is None else await answer(request, film)

    return found


async def _body(request: Request) -> bytes | None:
    """What was sent; None as soon as it is too much."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _is_frame(text: str, index: Mapping[str, object]) -> bool:
    pts = index.get("pts")
    digits = text.isascii() and text.isdigit() and len(text) < 9
    return digits and isinstance(pts, Sequence) and int(text) < len(pts)


def _said(outcome: Still | NoStill, status: int) -> Response:
    return _no(outcome) if isinstance(outcome, NoStill) else _json(asdict(outcome), status)


def _no(no: NoStill) -> Response:
    return _json({"why": no.why}, 409)


def _json(value: object, status: int = 200) -> Response:
    return JSONResponse(value, status, HEADERS)


def _empty(status: int) -> Response:
    return Response(status_code=status, headers=HEADERS)
