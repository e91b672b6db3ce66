"""The film's way out: /media/<token>, one range at a time, from memory to the player and never to a cache."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from vigfield.loopback.answers import PRIVATE as HEADERS
from vigfield.loopback.stills import Stills, still_routes

CHUNK = 1 << 19
HEAD = 4 << 20
PAUSE = 0.05

WORDS = (
    "film", "play", "pause", "back", "forward", "position", "speed", "frame", "failed",
    "gap", "second", "seconds", "notfilmed",
    "keep", "keeping", "kept", "notkept", "nostills", "full", "pictures", "picture", "look", "close",
    "remove", "ask", "yes", "no", "removed", "notremoved",
)  # fmt: skip
"""The keys of every word on the player page; what each says in English is in assets/player/README.md."""


class Media(Protocol):
    """A film that may be played now."""

    size: int
    index: Mapping[str, object]
    """What the player needs to know, JSON-able: `pts`, `gaps`, `seconds`, `width`, `height`, `words`."""

    @property
    def stills(self) -> Stills:
        """The pictures kept from it."""
        ...

    def read(self, offset: int, count: int) -> bytes:
        """Exactly `count` bytes from `offset`; blocking. A VigfieldError or OSError ends the answer."""
        ...


class MediaHost(Protocol):
    """Who decides what may be played, by which token, and for how long."""

    def claim(self, link: str) -> tuple[str, Media] | None:
        """Use a one-time link up: the film, and the token to fetch it with; nothing for any other link."""
        ...

    def media(self, token: str) -> Media | None:
        """The film behind a claimed token; nothing for an unknown or expired one. Asked at every request."""
        ...


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to `end`, both included."""

    start: int
    end: int

    @property
    def count(self) -> int:
        """How many bytes."""
        return self.end - self.start + 1


@dataclass(frozen=True, slots=True)
class Whole:
    """No range was asked for."""


@dataclass(frozen=True, slots=True)
class Unsatisfiable:
    """What was asked for is no single range within the film."""


def parse_range(header: str | None, size: int) -> Span | Whole | Unsatisfiable:
    """What a Range header asks for: `bytes=a-b`, `bytes=a-` or `bytes=-n`, and only one of them.

    Everything else is unsatisfiable rather than ignored: ignoring would send a whole film for a typing error.
    """
    if header is None:
        return Whole()
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip(), re.ASCII)
    if found is None or not any(found.groups()):
        return Unsatisfiable()
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    return Span(start, end) if start <= end else Unsatisfiable()


def media_routes(host: MediaHost) -> list[Route]:
    """The routes that use a link up, that give the film and its index, and those of its pictures.

    Links travel in a header.
    """

    async def claim(request: Request) -> Response:
        claimed = host.claim(request.headers.get("x-token", ""))
        if claimed is None:
            return _nothing()
        token, media = claimed
        return JSONResponse({**media.index, "token": token}, headers=HEADERS)

    async def film(request: Request) -> Response:
        media = host.media(request.path_params["token"])
        return _nothing() if media is None else await _film(media, request)

    async def index(request: Request) -> Response:
        media = host.media(request.path_params["token"])
        return _nothing() if media is None else JSONResponse(dict(media.index), headers=HEADERS)

    return [
        Route("/media/claim", claim, methods=["POST"]),
        Route("/media/{token}", film, methods=["GET", "HEAD"]),
        Route("/media/{token}/index", index, methods=["GET"]),
        *still_routes(host.media),
    ]


def _nothing() -> Response:
    return Response(status_code=404, headers=HEADERS)


async def _film(media: Media, request: Request) -> Response:
    headers = {**HEADERS, "Accept-Ranges": "bytes", "Content-Type": "video/mp4"}
    match parse_range(request.headers.get("range"), media.size):
        case Unsatisfiable():
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{media.size}"})
        case Whole():
            span, status = Span(0, media.size - 1), 200
        case Span(start, end) as span:
            status = 206
            headers["Content-Range"] = f"bytes {start}-{end}/{media.size}"
    headers["Content-Length"] = str(span.count)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    # Read before the answer starts: a film that cannot be read at all is then a plain failure.
    first = await _piece(media, span, span.start)
    return StreamingResponse(_pieces(media, span, first), status, headers)


async def _pieces(media: Media, span: Span, first: bytes) -> AsyncIterator[bytes]:
    """The first piece at once, as all of a film's head; the rest at 10 MB/s, ten times what a film needs.

    At each seek a player asks for everything that follows, and looks at very little of it: sent as fast as
    it goes, what nobody looks at holds up the picture (docs/performance.md).
    """
    yield first
    for offset in range(span.start + CHUNK, span.end + 1, CHUNK):
        if offset >= HEAD:
            await asyncio.sleep(PAUSE)
        yield await _piece(media, span, offset)


async def _piece(media: Media, span: Span, offset: int) -> bytes:
    return await asyncio.to_thread(media.read, offset, min(CHUNK, span.end + 1 - offset))
