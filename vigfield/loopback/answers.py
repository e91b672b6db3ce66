"""What the guard adds to every answer, and the few pages that it answers with itself."""

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterable
from typing import Any

from starlette.types import Message, Send

Headers = list[tuple[bytes, bytes]]

FRAMED = ("/capture/", "/player/")
"""Pages of ours that the app shows in a frame; every other answer refuses to be framed."""

_APP = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob: {hashes}; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' blob: data:; font-src 'self' data:; connect-src 'self' {socket} blob: data:; "
    "media-src 'self' blob:; worker-src 'self' blob:; frame-src 'self'; manifest-src 'self'; "
    "base-uri 'self'; form-action 'none'; object-src 'none'; frame-ancestors 'none'"
)
_FRAMED = (
    "default-src 'none'; script-src 'self' {hashes}; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self' {socket}; media-src 'self' blob:; worker-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'self'"
)
_BARE = "default-src 'none'; {rules}base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

PRIVATE = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Of an answer with a film or a picture in it, even without the guard around."""

_ALWAYS: Headers = [
    (b"cache-control", b"no-store"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"permissions-policy",
        b"camera=(self), microphone=(self), screen-wake-lock=(self), display-capture=(), geolocation=()",
    ),
]
# Answers of ours are never stored, so nothing may invite a cache to keep them and ask again.
_DROPPED = {name for name, _ in _ALWAYS} | {
    b"content-security-policy",
    b"etag",
    b"last-modified",
    b"expires",
    b"server",
}
_INLINE = re.compile(rb"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.S | re.I)

_EXCHANGE = (
    "const t=location.hash.slice(1);history.replaceState(0,'','/launch');"
    "fetch('/launch',{method:'POST',body:t})"
    ".then(r=>{if(r.ok)location.replace('/');else document.getElementById('no').hidden=false})"
    ".catch(()=>{document.getElementById('no').hidden=false})"
)


def policy(path: str, host: str, page: bytes = b"") -> str:
    """The Content-Security-Policy of an answer at `path`; inline scripts of `page` are allowed by hash."""
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in _INLINE.findall(page))
    rules = _FRAMED if path.startswith(FRAMED) else _APP
    return re.sub(r" +(?=;)", "", rules.format(hashes=hashes, socket=f"ws://{host}"))


def hardened(headers: Iterable[tuple[bytes, bytes]], rules: str) -> Headers:
    """An answer's headers with ours in the place of its own."""
    kept = [(name, value) for name, value in headers if _kept(name.lower())]
    return [*kept, *_ALWAYS, (b"content-security-policy", rules.encode())]


def is_page(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether an answer is HTML."""
    return any(
        name.lower() == b"content-type" and value.lower().startswith(b"text/html") for name, value in headers
    )


class Hardened:
    """Passes an answer on with our headers, for as long as `wanted` says so.

    A page is held back until it is whole, to hash its scripts.
    """

    def __init__(self, send: Send, path: str, host: str, wanted: Callable[[], bool]) -> None:
        self.started = False
        self._send = send
        self._path = path
        self._host = host
        self._wanted = wanted
        self._page: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if not self._wanted():
            raise ConnectionAbortedError
        if message["type"] == "http.response.start":
            await self._start(message)
        elif self._page is None:
            await self._send(message)
        else:
            await self._collect(message)

    async def _start(self, message: Message) -> None:
        if is_page(message["headers"]):
            self._page = message
        else:
            await self._send_start(message, b"")

    async def _collect(self, message: Message) -> None:
        self._body += message.get("body", b"")
        if message.get("more_body") or self._page is None:
            return
        await self._send_start(self._page, self._body)
        self._page = None
        await self._send({"type": "http.response.body", "body": self._body})

    async def _send_start(self, message: Message, page: bytes) -> None:
        self.started = True
        rules = policy(self._path, self._host, page)
        await self._send({**message, "headers": hardened(message["headers"], rules)})


async def send_launch_page(send: Send, sentence: str) -> None:
    """The page that exchanges the token in its fragment for the cookie, and goes on to the app."""
    rules = f"script-src 'sha256-{_sha256(_EXCHANGE.encode())}'; connect-src 'self'; "
    words = html.escape(sentence)
    body = f'<body><p id="no" hidden>{words}</p><script>{_EXCHANGE}</script>'
    await _send_page(send, 200, body, rules)


async def send_refusal(send: Send, sentence: str) -> None:
    """403 with one sentence and nothing else: the same for every reason."""
    await _send_page(send, 403, f"<body><p>{html.escape(sentence)}</p>", "")


async def send_empty(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    """An answer without a body."""
    length = [] if status == 204 else [(b"content-length", b"0")]
    await _send(send, status, hardened([*length, *headers], _BARE.format(rules="")), b"")


async def _send_page(send: Send, status: int, body: str, rules: str) -> None:
    page = f'<!doctype html><meta charset="utf-8"><title>vigfield</title>{body}'.encode()
    described = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(page)).encode()),
    ]
    await _send(send, status, hardened(described, _BARE.format(rules=rules)), page)


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    start: dict[str, Any] = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _kept(name: bytes) -> bool:
    return name not in _DROPPED and not name.startswith(b"access-control-")


def _sha256(script: bytes) -> str:
    # The parser turns CRLF into LF before the browser hashes.
    return base64.b64encode(hashlib.sha256(script.replace(b"\r\n", b"\n")).digest()).decode()
