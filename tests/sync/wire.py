"""A TCP proxy that fails at a byte: it cuts by FIN or RST, stalls, loses a reply, slows, refuses, or calls.

It reads just enough HTTP to know in which request a byte is. `tests.sync.servers` has the proxy that deals in
whole messages.
"""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto

PIECE, SLOW_PIECE = 4096, 1024


class Act(Enum):
    """What happens at the byte."""

    FIN = auto()  # both sides are told that nothing more comes; what they still say is lost
    RST = auto()  # both connections are reset
    STALL = auto()  # nothing passes any more, and nobody is told
    REFUSE = auto()  # reset, and every new connection is refused until `listen`
    SLOW = auto()  # the rest of it passes in small pieces with a wait after each
    CALL = auto()  # `call` is called, and it goes on


class Place(Enum):
    """In which stream the byte is."""

    HEAD = auto()
    BODY = auto()
    REPLY = auto()


@dataclass(frozen=True)
class Fault:
    """At the `number`-th request of a method: `at` bytes of the place still pass, then the act."""

    act: Act
    method: str
    place: Place
    at: int = 0
    number: int = 1


@dataclass
class Request:
    """A request that came, and how many bytes of its body did."""

    method: str
    target: str
    headers: dict[str, str]
    body: int = 0


@dataclass
class Link:
    """A client's connection and the one to the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    mute: bool = False
    slow: bool = False
    replied: int = 0
    fault: Fault | None = None

    def act(self, act: Act) -> None:
        match act:
            case Act.FIN:
                self.mute = True
                for writer in (self.client, self.server):
                    with suppress(OSError):
                        writer.write_eof()
            case Act.RST | Act.REFUSE:
                self.mute = True
                self.reset()
            case Act.STALL:
                self.mute = True
            case Act.SLOW:
                self.slow = True
            case Act.CALL:
                pass

    def reset(self) -> None:
        for writer in (self.client, self.server):
            with suppress(OSError):
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            writer.transport.abort()


@dataclass
class Wire:
    """The proxy. Each fault happens once; `met` are those that did."""

    upstream: int
    faults: list[Fault] = field(default_factory=list)
    call: Callable[[], None] = lambda: None
    met: list[Fault] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    _counts: Counter[str] = field(default_factory=Counter)
    _links: list[Link] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/files"

    @property
    def carried(self) -> int:
        """How many requests that begin or carry there were, and bytes in them; only ever grows."""
        return sum(1 + one.body for one in self.requests if one.method in ("POST", "PATCH"))

    async def listen(self) -> None:
        """Take connections, at the port that it had before."""
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._refuse()
        for link in self._links:
            link.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(self._handle(reader, writer)))

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        link = Link(writer, to_server)
        self._links.append(link)
        down = asyncio.create_task(self._down(link, from_server))
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._up(link, reader)
        if not link.mute:
            with suppress(OSError):
                to_server.write_eof()
            await down
        down.cancel()
        for one in (writer, to_server):
            one.close()
            with suppress(OSError):
                await one.wait_closed()

    async def _up(self, link: Link, reader: asyncio.StreamReader) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            request = _request(head)
            self.requests.append(request)
            link.replied, link.slow, link.fault = 0, False, self._due(request.method)
            await self._pass(link, link.server, head, Place.HEAD, 0)
            left = int(request.headers.get("content-length", "0"))
            if not left:
                await self._pass(link, link.server, b"", Place.BODY, 0)
            while left:
                if not (piece := await reader.read(min(PIECE, left))):
                    return
                await self._pass(link, link.server, piece, Place.BODY, request.body)
                request.body += len(piece)
                left -= len(piece)

    async def _down(self, link: Link, reader: asyncio.StreamReader) -> None:
        try:
            while piece := await reader.read(PIECE):
                before, link.replied = link.replied, link.replied + len(piece)
                await self._pass(link, link.client, piece, Place.REPLY, before)
            if not link.mute:
                link.client.write_eof()
        except OSError:  # the server died
            link.client.transport.abort()

    def _due(self, method: str) -> Fault | None:
        self._counts[method] += 1
        here = (method, self._counts[method])
        return next((one for one in self.faults if (one.method, one.number) == here), None)

    async def _pass(
        self, link: Link, writer: asyncio.StreamWriter, data: bytes, place: Place, before: int
    ) -> None:
        fault = link.fault
        if fault is not None and fault.place is place and before + len(data) >= fault.at:
            link.fault = None
            await self._hand(link, writer, data[: fault.at - before])
            data = data[fault.at - before :]
            self._act(link, fault)
        await self._hand(link, writer, data)

    def _act(self, link: Link, fault: Fault) -> None:
        self.met.append(fault)
        if fault.act is Act.REFUSE:
            self._refuse()
            for one in self._links:
                one.act(fault.act)
        link.act(fault.act)
        if fault.act is Act.CALL:
            self.call()

    async def _hand(self, link: Link, writer: asyncio.StreamWriter, data: bytes) -> None:
        size = SLOW_PIECE if link.slow else PIECE
        for start in range(0, len(data), size):
            if link.mute:
                return
            writer.write(data[start : start + size])
            await writer.drain()
            if link.slow:
                await asyncio.sleep(0.002)


@asynccontextmanager
async def wire(upstream: int, *faults: Fault, call: Callable[[], None] = lambda: None) -> AsyncIterator[Wire]:
    """A proxy in front of a port of this machine."""
    one = Wire(upstream, list(faults), call)
    await one.listen()
    try:
        yield one
    finally:
        await one.close()


def _request(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, target, headers)
