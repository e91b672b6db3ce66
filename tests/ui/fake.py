"""Flet's screens without a browser: a connection that keeps what is sent, around Flet's real session.

Every message is packed as the real transport packs it: that catches what cannot be sent, and takes the
snapshots from which Flet computes the next difference.
"""

import asyncio
import dataclasses
import functools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import flet as ft
import msgpack
from flet.components.component import Component
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page, context
from flet.messaging.connection import Connection
from flet.messaging.protocol import Message, MessageAction, configure_encode_object_for_msgpack
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

from vigfield.ui import Host
from vigfield.ui.desk import Desk

_encode = configure_encode_object_for_msgpack(BaseControl)


class Wire(Connection):
    """Keeps every message that a browser would have got, packed."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.executor = ThreadPoolExecutor(1)
        self.pubsubhub = PubSubHub(loop=self.loop, executor=self.executor)
        self.page_url = "http://127.0.0.1"
        self.sent: list[bytes] = []
        self.crashed: list[str] = []

    def send_message(self, message: Message) -> None:
        self.sent.append(msgpack.packb([message.action, message.body], default=_encode))
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashed.append(message.body.message)
        if message.action == MessageAction.INVOKE_METHOD:
            body, session = message.body, self.session
            answer = functools.partial(session.handle_invoke_method_results, body.control_id, body.call_id)
            self.loop.call_soon(answer, None, None)


class Tab:
    """One browser tab at the app."""

    def __init__(self, host: Host, width: int = 1280, height: int = 800) -> None:
        self._host = host
        self.wire = Wire()
        self.session = self.wire.session = Session(self.wire)
        self.page = self.session.page
        size = {"route": "/", "width": width, "height": height, "web": True, "platform": "linux"}
        self.session.apply_page_patch(size)
        _context_page.set(self.page)
        context.reset_auto_update()
        msgpack.packb(self.session.get_page_patch(), default=_encode)

    @property
    def desk(self) -> Desk:
        return self._host._desks[self.session.id]

    async def open(self) -> "Tab":
        await self._host._main("http://127.0.0.1:1", self.page)
        await self.settle()
        return self

    async def close(self) -> None:
        await self._host._gone("key", self.session)
        self.wire.executor.shutdown(wait=False)

    async def settle(self, rounds: int = 30) -> None:
        for _ in range(rounds):
            await asyncio.sleep(0)

    async def until(self, identifier: str) -> None:
        """Wait until a control is there."""
        async with asyncio.timeout(30):
            while not self.has(identifier):  # noqa: ASYNC110  Flet has no event for it
                await asyncio.sleep(0.005)
        await self.settle()
        assert self.wire.crashed == []

    # What is there

    def controls(self) -> Iterator[BaseControl | Component]:
        yield from _walk(self.page, set())

    def has(self, identifier: str) -> bool:
        return any(c.identifier == identifier for c in self._semantics())

    def identifiers(self) -> set[str]:
        return {c.identifier for c in self._semantics() if c.identifier}

    def _semantics(self) -> list[ft.Semantics]:
        return [control for control in self.controls() if isinstance(control, ft.Semantics)]

    def texts(self) -> str:
        """Every string anywhere in the tree, whatever property it is in."""
        found: list[str] = []
        for control in self.controls():
            for field in dataclasses.fields(control):
                value = getattr(control, field.name, None)
                if isinstance(value, str):
                    found.append(value)
        return "\n".join(found)

    def said(self) -> str:
        """Every string in any message that was sent since `forget`."""
        return b"\n".join(self.wire.sent).decode("utf-8", "replace")

    def forget(self) -> None:
        self.wire.sent.clear()

    def inside(self, identifier: str, kind: type[BaseControl]) -> BaseControl:
        """The first control of a kind within an identified one."""
        outer = next(c for c in self._semantics() if c.identifier == identifier)
        return next(c for c in _walk(outer, set()) if isinstance(c, kind))

    def text(self, identifier: str) -> str:
        outer = next(c for c in self._semantics() if c.identifier == identifier)
        return "\n".join(str(c.value) for c in _walk(outer, set()) if isinstance(c, ft.Text))

    # What a person does

    async def tap(self, identifier: str) -> None:
        await self.fire(self.inside(identifier, ft.Button | ft.OutlinedButton | ft.TextButton), "click")  # type: ignore[arg-type]

    async def type(self, identifier: str, value: str) -> None:
        field = self.inside(identifier, ft.TextField)
        self.session.apply_patch(field._i, {"value": value})
        await self.fire(field, "change", value)

    async def fire(self, control: BaseControl, name: str, data: object = None) -> None:
        await self.session.dispatch_event(control._i, name, data)
        await self.settle()
        assert self.wire.crashed == []


def _walk(node: object, seen: set[int]) -> Iterator[BaseControl | Component]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, Component):
        yield node
        yield from _walk(node._b, seen)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _walk(item, seen)
    elif isinstance(node, dict):
        for item in node.values():
            yield from _walk(item, seen)
    elif dataclasses.is_dataclass(node) and not isinstance(node, type):
        if isinstance(node, BaseControl):
            yield node
        for field in dataclasses.fields(node):
            if not field.metadata.get("skip"):
                yield from _walk(getattr(node, field.name, None), seen)


ASSETS = Path(__file__).parents[2] / "assets"
