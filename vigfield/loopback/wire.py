"""Words over a WebSocket: hear one, say one, hang up. A partner that is gone is a value, never an error."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect


@dataclass(frozen=True, slots=True)
class Gone:
    """The link is no more."""


async def hear(socket: WebSocket) -> str | bytes | Gone:
    """The next message."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return Gone()
    text = message.get("text")
    if isinstance(text, str):
        return text
    return bytes(message.get("bytes") or b"")


async def say(socket: WebSocket, message: Mapping[str, object]) -> None:
    """Send JSON. A page that is gone cannot hear; the reader learns of it in order."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_text(json.dumps(message))


async def refuse(socket: WebSocket, message: Mapping[str, object], code: int) -> None:
    """Say a last thing and hang up."""
    await say(socket, message)
    await close(socket, code)


async def close(socket: WebSocket, code: int) -> None:
    """Hang up, whether or not anybody is there."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.close(code)
