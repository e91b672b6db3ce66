"""The reference service, run by the test so that every request it receives can be looked at."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from vigfield.service import build


@dataclass(slots=True)
class Heard:
    """What the service was sent: one entry for each request."""

    base: str = ""
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)

    def resources(self, kind: str) -> list[dict[str, Any]]:
        """Every resource of a kind that the service holds."""
        bundle = httpx.get(f"{self.base}/{kind}", params={"_count": 100}, trust_env=False).json()
        return [entry["resource"] for entry in bundle.get("entry", [])]


class _Listening:
    """Notes every request's method, path and body on its way in."""

    def __init__(self, app: Any, heard: Heard) -> None:
        self._app = app
        self._heard = heard

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()

        async def noted() -> Any:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        await self._app(scope, noted, send)
        self._heard.requests.append((scope["method"], scope["path"], bytes(body)))


@contextmanager
def listening(path: Path, port: int = 0) -> Iterator[Heard]:
    """The service on this or a free port of 127.0.0.1, for as long as the block lasts."""
    heard = Heard()
    config = uvicorn.Config(
        _Listening(build(path), heard),
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)
    heard.base = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/fhir"
    try:
        yield heard
    finally:
        server.should_exit = True
        thread.join(20)
