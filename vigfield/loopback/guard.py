"""The guard in front of everything: lets in the one browser window that was launched, and nobody else.

- exact Host (a page elsewhere may have made its name point here), exact Origin on sockets and on all but GET
  and HEAD, Sec-Fetch-Site; none of these headers twice
- a launch link that works once, exchanged for an HttpOnly cookie that every request and socket must carry
- a second launch takes over: the first client's cookie is dead, its open sockets are closed and what is being
  sent to it stops
- one set of headers on every answer, and no word of an error to anybody
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from enum import StrEnum

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigfield.loopback.answers import Hardened, send_empty, send_launch_page, send_refusal
from vigfield.loopback.launch import LAUNCH_SECONDS, Entrance

logger = logging.getLogger(__name__)

LAUNCH_PATH = "/launch"
TAKEN_OVER = 4409
FAILED = 1011

_SINGLE = (b"host", b"origin", b"cookie", b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest")

_client: ContextVar[bytes | None] = ContextVar("client", default=None)
_socket: ContextVar[object | None] = ContextVar("socket", default=None)


def current_client() -> bytes | None:
    """Whose request or socket is being answered: a hash that stays the same for one launch."""
    return _client.get()


def current_socket() -> object | None:
    """The socket that is being served, by identity; None within a plain request."""
    return _socket.get()


class Denied(StrEnum):
    """Why a request gets nothing; logged, never told."""

    TWICE = "header twice"
    HOST = "host"
    ORIGIN = "origin"
    NO_ORIGIN = "no origin"
    SITE = "another site"
    COOKIE = "cookie"


class Guard:
    """ASGI. `host` is the exact Host header to accept, such as 127.0.0.1:8123.

    `sentence` is what a person who is not let in reads. `on_launched` is called after each launch;
    `on_socket_closed` is awaited with `current_socket()` after each socket, however it ended.
    """

    def __init__(self, app: ASGIApp, host: str, sentence: str = "Open vigfield from its icon.") -> None:
        self.host = host
        self.on_launched: list[Callable[[], None]] = []
        self.on_socket_closed: list[Callable[[object], Awaitable[None]]] = []
        self._app = app
        self._sentence = sentence
        self._entrance = Entrance()
        self._sockets: set[_Socket] = set()

    def new_launch_url(self, seconds: float = LAUNCH_SECONDS) -> str:
        """A link that lets one browser in, once, within `seconds`; links made before no longer work.

        The token is in the fragment: it is in no request line, log or Referer.
        """
        return f"http://{self.host}{LAUNCH_PATH}#{self._entrance.new_launch(seconds)}"

    async def revoke(self) -> None:
        """Let nobody in any more, and close every socket."""
        self._entrance.revoke()
        await self._cut_sockets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        denied = self._denied(scope, headers)
        client = self._entrance.client(headers.get(b"cookie", ""))
        if denied is None and scope["type"] == "http" and scope["path"] == LAUNCH_PATH:
            await self._launch(scope, receive, send)
        elif denied is not None or client is None:
            await self._refuse(scope, receive, send, denied or Denied.COOKIE)
        elif scope["type"] == "http":
            await self._serve_request(client, scope, receive, send)
        else:
            await self._serve_socket(client, scope, receive, send)

    def _denied(self, scope: Scope, headers: Mapping[bytes, str]) -> Denied | None:
        names = [name for name, _ in scope["headers"]]
        if any(names.count(name) > 1 for name in _SINGLE):
            return Denied.TWICE
        if headers.get(b"host") != self.host:
            return Denied.HOST
        origin = headers.get(b"origin")
        if origin is not None and origin != f"http://{self.host}":
            return Denied.ORIGIN
        if origin is None and (scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")):
            return Denied.NO_ORIGIN
        if headers.get(b"sec-fetch-site", "none") not in ("none", "same-origin"):
            return None if _opens_launch(scope, headers) else Denied.SITE
        return None

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, why: Denied) -> None:
        logger.warning("refused a %s: %s", scope["type"], why.value)
        if scope["type"] == "http":
            await send_refusal(send, self._sentence)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 4403})

    async def _launch(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["method"]:
            case "GET" | "HEAD":
                await send_launch_page(send, self._sentence)
            case "POST":
                await self._exchange(receive, send)
            case _:
                await send_empty(send, 405, (b"allow", b"GET, HEAD, POST"))

    async def _exchange(self, receive: Receive, send: Send) -> None:
        value = self._entrance.redeem(await _short_body(receive))
        if value is None:
            await send_refusal(send, self._sentence)
            return
        await self._cut_sockets()
        cookie = f"{self._entrance.cookie_name}={value}; HttpOnly; SameSite=Strict; Path=/"
        await send_empty(send, 204, (b"set-cookie", cookie.encode()))
        for launched in self.on_launched:
            launched()

    async def _serve_request(self, client: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        answer = Hardened(send, scope["path"], self.host, lambda: self._entrance.is_in(client))
        token = _client.set(client)
        try:
            await self._app(scope, receive, answer)
        except (ClientDisconnect, ConnectionAbortedError):
            logger.debug("a request was given up")
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody outside is told
            logger.error("a request failed: %s", type(error).__name__)
            if not answer.started:
                await send_empty(send, 500)
        finally:
            _client.reset(token)

    async def _serve_socket(self, client: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        socket = _Socket(receive, send)
        self._sockets.add(socket)
        tokens = _client.set(client), _socket.set(socket)
        try:
            await self._app(scope, socket.receive, socket.send)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody outside is told
            logger.error("a socket failed: %s", type(error).__name__)
            await socket.close(FAILED)
        finally:
            self._sockets.discard(socket)
            _client.reset(tokens[0])
            _socket.reset(tokens[1])
            await self._tell_closed(socket)

    async def _tell_closed(self, socket: "_Socket") -> None:
        for closed in self.on_socket_closed:
            try:
                await closed(socket)
            except Exception as error:  # noqa: BLE001 - the others are to be told as well
                logger.error("after a socket: %s", type(error).__name__)

    async def _cut_sockets(self) -> None:
        for socket in tuple(self._sockets):
            await socket.close(TAKEN_OVER)


class _Socket:
    """A socket that can be closed from outside: from then on nothing passes, in either direction."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._over = False

    async def receive(self) -> Message:
        message = await self._receive()
        if self._over and message["type"] != "websocket.connect":
            return {"type": "websocket.disconnect", "code": TAKEN_OVER}
        return message

    async def send(self, message: Message) -> None:
        if self._over:
            raise ConnectionAbortedError
        self._over = message["type"] == "websocket.close"
        await self._send(message)

    async def close(self, code: int) -> None:
        """Close it; nothing if it is closed already."""
        if self._over:
            return
        self._over = True
        try:
            await self._send({"type": "websocket.close", "code": code})
        except (OSError, RuntimeError) as error:
            # The other side, or the app, was faster.
            logger.info("a socket was gone before it was closed: %s", type(error).__name__)


def _opens_launch(scope: Scope, headers: Mapping[bytes, str]) -> bool:
    """Whether a window opens the launch page: it does so from a local file, which counts as another site."""
    return (
        (scope["type"], scope.get("method"), scope["path"]) == ("http", "GET", LAUNCH_PATH)
        and headers.get(b"sec-fetch-mode") == "navigate"
        and headers.get(b"sec-fetch-dest") == "document"
    )


async def _short_body(receive: Receive) -> str:
    """A body of at most 200 bytes as text; nothing for a longer one or one that broke off."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or len(body) > 200:
            return ""
        if not message.get("more_body"):
            return body.decode("latin-1")
