"""A whole local server with hosts that stand in for the app, and ways to knock on its door."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from vigfield.loopback import Choice, Film, Hello, Media, NoFilm, NoStill, Still
from vigfield.loopback.guard import current_client, current_socket
from vigfield.loopback.server import Server, build

ASSETS = Path(__file__).resolve().parents[2] / "assets"
HOME = "<!doctype html><title>home</title><body>A name<script>document.body.dataset.ran='yes'</script>"


class NoFilms:
    """A host with which nothing can be filmed."""

    def setup(self, token: str) -> Mapping[str, object] | None:
        return None

    async def begin(self, token: str, hello: Hello) -> Film | NoFilm:
        return NoFilm("token")

    async def choose(self, token: str, choice: Choice) -> bool:
        return False

    async def look(self, token: str) -> str | None:
        return None


@dataclass
class KeptStills:
    """Pictures in memory; `why` is the reason when there may be none."""

    pictures: dict[int, tuple[Still, bytes]] = field(default_factory=dict)
    why: str = ""

    async def all(self) -> list[Still] | NoStill:
        return NoStill(self.why) if self.why else [still for still, _ in self.pictures.values()]

    async def keep(self, frame: int, picture: bytes) -> Still | NoStill:
        if self.why:
            return NoStill(self.why)
        still = Still(max(self.pictures, default=0) + 1, frame, frame / 25)
        self.pictures[still.number] = (still, picture)
        return still

    async def picture(self, number: int) -> bytes | NoStill | None:
        if self.why:
            return NoStill(self.why)
        return self.pictures[number][1] if number in self.pictures else None

    async def remove(self, number: int) -> bool:
        return self.pictures.pop(number, None) is not None


@dataclass
class Kept:
    """A film in memory."""

    data: bytes
    index: Mapping[str, object] = field(default_factory=dict)
    largest: int = 0
    stills: KeptStills = field(default_factory=KeptStills)

    @property
    def size(self) -> int:
        return len(self.data)

    @size.setter
    def size(self, _: int) -> None:
        raise AttributeError

    def read(self, offset: int, count: int) -> bytes:
        self.largest = max(self.largest, count)
        return self.data[offset : offset + count]


@dataclass
class Shelf:
    """A host with one film: behind the link `link` once, and then behind the token `film`."""

    film: Media
    links: set[str] = field(default_factory=lambda: {"link"})

    def claim(self, link: str) -> tuple[str, Media] | None:
        if link not in self.links:
            return None
        self.links.discard(link)
        return "film", self.film

    def media(self, token: str) -> Media | None:
        return self.film if token == "film" else None


@dataclass
class Ui:
    """Stands in for the app's own socket and files."""

    seen: list[tuple[bytes | None, object | None]] = field(default_factory=list)
    shown: asyncio.Event = field(default_factory=asyncio.Event)

    async def socket(self, socket: WebSocket) -> None:
        self.seen.append((current_client(), current_socket()))
        await socket.accept()
        try:
            while True:
                word = await socket.receive_text()
                if word == "fail":
                    raise RuntimeError("Anna Larsson, 3 March")
                await socket.send_text(word)
        except WebSocketDisconnect:
            pass

    async def static(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(Request(scope))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        match request.url.path:
            case "/":
                self.shown.set()
                return HTMLResponse(HOME, headers={"Access-Control-Allow-Origin": "*", "ETag": '"1"'})
            case "/fail":
                raise RuntimeError("Anna Larsson, 3 March")
            case "/fail.html":
                raise ValueError("Anna Larsson, 3 March")
            case _:
                return PlainTextResponse("a file", headers={"Last-Modified": "today", "Server": "x"})


@dataclass
class Site:
    """A running server."""

    server: Server
    ui: Ui
    film: Any

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    def token(self, seconds: float = 60) -> str:
        return self.server.guard.new_launch_url(seconds).partition("#")[2]

    async def launch(self, token: str | None = None, **headers: str) -> httpx.Response:
        body = self.token() if token is None else token
        async with httpx.AsyncClient(base_url=self.origin) as client:
            return await client.post("/launch", content=body, headers={"Origin": self.origin, **headers})

    async def cookie(self) -> str:
        """The cookie of a client that was just let in."""
        answer = await self.launch()
        assert answer.status_code == 204
        return answer.headers["set-cookie"].partition(";")[0]

    async def get(self, path: str, cookie: str = "", method: str = "GET", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(base_url=self.origin) as client:
            return await client.request(method, path, headers={"Cookie": cookie, **named})

    async def post(self, path: str, body: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.origin) as client:
            return await client.post(path, content=body, headers=headers)

    async def raw(self, request: str) -> bytes:
        """What the server answers to these very bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.write(request.replace("\n", "\r\n").encode())
        await writer.drain()
        answer = await reader.read(100_000)
        writer.close()
        await writer.wait_closed()
        return answer


@asynccontextmanager
async def running(film: Media | None = None, assets: Path = ASSETS) -> AsyncIterator[Site]:
    """A server on a free port, stopped afterwards."""
    ui = Ui()
    shelf = Shelf(Kept(b"a film") if film is None else film)
    server = await Server.start(build(ui.socket, ui.static, NoFilms(), shelf, assets))
    try:
        yield Site(server, ui, shelf.film)
    finally:
        await server.stop()
