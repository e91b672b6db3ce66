"""The reference service in a thread, and a small proxy in front of it that breaks what it is told to."""

import asyncio
import json
import re
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from vigfield.service import Served, serve
from vigfield.sync import Batch, FhirClient, Limits, Outcome, Put, plan, push


@contextmanager
def reference_service(db_path: Path) -> Iterator[Served]:
    """The service on a thread with an event loop of its own."""
    started = threading.Event()
    served: list[Served] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def live() -> None:
        async with serve(db_path) as one:
            served.append(one)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()))
    thread.start()
    try:
        assert started.wait(30)
        yield served[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def ask(base: str, method: str, path: str, **more: object) -> httpx.Response:
    """Ask the service directly. Nothing here is TLS: `verify` off only saves reading the certificates."""
    return httpx.request(method, f"{base}/{path}".rstrip("/"), trust_env=False, verify=False, **more)  # type: ignore[arg-type]


def held(base: str, address: str) -> httpx.Response:
    """What the server holds at an address."""
    return ask(base, "GET", address)


def foreign_edit(base: str, address: str, edit: dict[str, object] | None = None) -> dict[str, object]:
    """Another person edits what the server holds at an address, and leaves our fields alone."""
    resource: dict[str, object] = held(base, address).json() | (edit or {"active": True})
    headers = {"Content-Type": "application/fhir+json"}
    ask(base, "PUT", address, json=resource, headers=headers).raise_for_status()
    return resource


@dataclass(frozen=True)
class Pass:
    """Hand the request on, and the reply back."""


@dataclass(frozen=True)
class LoseReply:
    """Hand the request on, then cut the connection instead of replying."""


@dataclass(frozen=True)
class Cut:
    """Cut the connection before the request gets anywhere."""


@dataclass(frozen=True)
class Stall:
    """Never reply."""


@dataclass(frozen=True)
class Drip:
    """Reply a byte at a time, without end."""


@dataclass(frozen=True)
class Say:
    """Reply with this, without asking the service."""

    status: str
    body: bytes = b""
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flood:
    """Reply with 200 and this many bytes, with or without saying how many; by default without end."""

    size: int = 2**62
    said: bool = True


@dataclass(frozen=True)
class Change:
    """Hand the request on, and change the JSON that comes back."""

    edit: Callable[[Any], Any]


Fault = Pass | LoseReply | Cut | Stall | Drip | Say | Flood | Change


@dataclass
class Proxy:
    """Takes one fault from `faults` for each request, and hands on when there are none left.

    What `rule` says of a request comes first. `flooded` counts the bytes of floods that went out.
    """

    upstream: int
    faults: list[Fault] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    port: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    rule: Callable[[bytes], Fault | None] = lambda _: None
    flooded: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir"

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._handle(reader, writer))
        self.tasks.add(task)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await _message(reader)
            self.seen.append(request)
            fault = self.rule(request) or (self.faults.pop(0) if self.faults else Pass())
            await self._answer(fault, request, reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(
        self, fault: Fault, request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        match fault:
            case Pass():
                writer.write(await self._ask(request))
                await writer.drain()
            case LoseReply():
                await self._ask(request)
            case Cut():
                pass
            case Stall():
                await reader.read()
            case Drip():
                await _drip(writer)
            case Flood(size, said):
                await self._flood(writer, size, f"Content-Length: {size}" if said else "X: y")
            case Change(edit):
                head, _, body = (await self._ask(request)).partition(b"\r\n\r\n")
                changed = json.dumps(edit(json.loads(body))).encode()
                lengths = re.sub(rb"(?i)content-length: *\d+", b"Content-Length: %d" % len(changed), head)
                writer.write(lengths + b"\r\n\r\n" + changed)
                await writer.drain()
            case Say(status, body, headers):
                lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
                writer.write("\r\n".join([*lines, "", ""]).encode() + body)
                await writer.drain()

    async def _flood(self, writer: asyncio.StreamWriter, size: int, length: str) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\n{length}\r\nConnection: close\r\n\r\n".encode())
        while self.flooded < size:
            writer.write(b" " * 65_536)
            await writer.drain()
            self.flooded += 65_536

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        writer.write(b"\r\n".join([*lines, b"Connection: close", b"", b""]) + body)
        reply = await reader.read()
        writer.close()
        await writer.wait_closed()
        return reply


@asynccontextmanager
async def proxy(
    upstream: int, *faults: Fault, tls: ssl.SSLContext | None = None, kind: type[Proxy] = Proxy
) -> AsyncIterator[Proxy]:
    one = kind(upstream, list(faults))
    server = await asyncio.start_server(one.connected, "127.0.0.1", 0, limit=2**24, ssl=tls)
    one.port = server.sockets[0].getsockname()[1]
    async with server:
        yield one
    await asyncio.gather(*one.tasks)


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.partition(b":")[2]))
    return head


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.005)


async def outcomes(base: str, puts: list[Put], limits: Limits | None = None) -> list[Outcome]:
    """Everything that one run tells."""
    async with FhirClient(base, limits=limits or Limits()) as client:
        return [outcome async for outcome in push(client, batches(puts))]


async def batches(puts: list[Put]) -> AsyncIterator[Batch]:
    """Puts as a run takes them."""
    for batch in plan(puts):
        yield batch


async def through(upstream: int, puts: list[Put], *faults: Fault) -> list[Outcome]:
    """Everything that one run tells, when these faults meet its first requests."""
    async with proxy(upstream, *faults) as one:
        return await outcomes(one.base, puts)
