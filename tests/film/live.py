"""A real server on a free port of 127.0.0.1 for as long as a test needs it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """Tells when it listens, so that nobody has to guess."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@contextmanager
def serving(app: ASGIApp) -> Iterator[int]:
    """Serve `app` from a thread; yields the port, and ends with every connection closed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, log_level="warning", ws_per_message_deflate=False, timeout_graceful_shutdown=5
        )
        server = _Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name="server")
        thread.start()
        try:
            assert server.listening.wait(30), "the server does not listen"
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive(), "the server does not stop"
