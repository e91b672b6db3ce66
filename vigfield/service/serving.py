"""Runs the reference service inside this process, on a loopback port of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from vigfield.service.web import build

_LAST_REPLIES = 2  # seconds for requests in hand when the service stops


@dataclass(frozen=True, slots=True)
class Served:
    """Where the service listens: its port on 127.0.0.1, and its FHIR base address."""

    port: int
    base: str


@asynccontextmanager
async def serve(db_path: Path) -> AsyncIterator[Served]:
    """The service on `db_path`, answering within the `async with` block, on a free port of 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        server = _Server(build(db_path))
        running = asyncio.create_task(server.serve([listening]))
        running.add_done_callback(lambda _: server.ready.set())
        try:
            await server.ready.wait()
            if not running.done():
                yield Served(port, f"http://127.0.0.1:{port}/fhir")
        finally:
            server.should_exit = True
            await running


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to the program it lives in."""

    def __init__(self, service: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                service,
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=_LAST_REPLIES,
            )
        )
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell that requests are answered."""
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
