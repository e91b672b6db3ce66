"""Puts the parts together and serves them until stopped: the app, its screens, the guard, the browser."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from vigfield import service
from vigfield.app import App, Door, PageWords
from vigfield.loopback import Borrowed, Guard, Kiosk, NoBrowser, Server, build, open_kiosk
from vigfield.ui import Host, pagewords, words

LINK_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    folder: Path
    port: int
    browser: bool
    demo: bool
    no_sandbox: bool
    service: str | None


async def serve(options: Options) -> int:
    """Serve until a signal, or until the kiosk window is closed; then seal, lock and leave."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    door = Door(options.folder, options.demo)
    try:
        async with _demo_service(options) as address:
            app = App(door, PageWords(pagewords.CAPTURE, pagewords.PLAYER), address)
            await _serve(app, options, address, stopped)
    finally:
        door.release()
    return 0


async def _serve(app: App, options: Options, address: str | None, stopped: asyncio.Event) -> None:
    files = assets()
    host = Host(app, files)
    server = await Server.start(build(host.socket, host.static, app, app, files), options.port)
    watching = asyncio.create_task(app.watch())
    try:
        if options.browser:
            await _in_window(server.guard, options, stopped)
        else:
            url = server.guard.new_launch_url(LINK_SECONDS)
            print(json.dumps({"url": url} | ({"service": address} if address else {})), flush=True)
            await stopped.wait()
    finally:
        watching.cancel()
        await app.close()
        await server.stop()


async def _in_window(guard: Guard, options: Options, stopped: asyncio.Event) -> None:
    window = await open_kiosk(guard.new_launch_url(LINK_SECONDS), without_sandbox=options.no_sandbox)
    match window:
        case NoBrowser():
            print(f"vigfield: {words.NO_BROWSER}", file=sys.stderr)
        case Borrowed():
            print(f"vigfield: {words.BORROWED_BROWSER}", file=sys.stderr)
            guard.on_launched.append(window.forget_link)
            await stopped.wait()
        case Kiosk():
            guard.on_launched.append(window.forget_link)
            await _first(stopped.wait(), window.wait())
            await window.close()
        case _:
            assert_never(window)


def assets() -> Path:
    """The folder of pages, fonts and icons: inside an installed package, beside it in a checkout."""
    here = Path(__file__).parent
    inside = here / "assets"
    return inside if inside.is_dir() else here.parent / "assets"


@contextlib.asynccontextmanager
async def _demo_service(options: Options) -> AsyncIterator[str | None]:
    if not options.demo or options.service:
        yield options.service
        return
    path = options.folder.parent / f"{options.folder.name}-service.db"
    async with service.serve(path) as served:
        yield served.base


async def _first(*waits: Coroutine[object, object, object]) -> None:
    tasks = [asyncio.create_task(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
