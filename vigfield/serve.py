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
from vigfield.app import App, Door, Doors, PageWords
from vigfield.loopback import Borrowed, Guard, Kiosk, NoBrowser, Server, build, open_kiosk, remove_left_behind
from vigfield.process import run_smoothly
from vigfield.shipped import assets
from vigfield.ui import Host, pagewords, words

LINK_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line: one vault's folder, or with `vaults` a folder of several.

    With `vaults` the vault in `folder`, if there is one, is one more of them.
    """

    folder: Path
    port: int
    browser: bool
    demo: bool
    no_sandbox: bool
    service: str | None
    vaults: Path | None = None


async def serve(options: Options) -> int:
    """Serve until a signal, or until the kiosk window is closed; then seal, lock and leave."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # on Windows, where Ctrl-C raises KeyboardInterrupt
            loop.add_signal_handler(number, stopped.set)
    door = Doors(options.vaults, options.folder) if options.vaults else Door(options.folder, options.demo)
    try:
        async with _demo_service(options) as address:
            app = App(door, PageWords(pagewords.CAPTURE, pagewords.PLAYER), address)
            return await _serve(app, options, address, stopped)
    finally:
        door.release()


async def _serve(app: App, options: Options, address: str | None, stopped: asyncio.Event) -> int:
    files = assets()
    host = Host(app, files)
    server = await Server.start(build(host.socket, host.static, app, app, files), options.port)
    run_smoothly()
    watching = asyncio.create_task(app.watch())
    try:
        if options.browser:
            return await _in_window(server.guard, options, stopped)
        url = server.guard.new_launch_url(LINK_SECONDS)
        print(json.dumps({"url": url} | ({"service": address} if address else {})), flush=True)
        await stopped.wait()
        return 0
    finally:
        watching.cancel()
        try:
            await app.close()
        finally:
            await server.stop()


async def _in_window(guard: Guard, options: Options, stopped: asyncio.Event) -> int:
    """Show the app in a window until that is closed or the process is stopped; 1 when it was never shown."""
    shown: list[bool] = []
    guard.on_launched.append(lambda: shown.append(True))
    await asyncio.to_thread(remove_left_behind)
    window = await open_kiosk(guard.new_launch_url(LINK_SECONDS), without_sandbox=options.no_sandbox)
    match window:
        case NoBrowser():
            return _said(words.NO_BROWSER)
        case Borrowed():
            _said(words.BORROWED_BROWSER)
            guard.on_launched.append(window.forget_link)
            await stopped.wait()
            return 0
        case Kiosk():
            guard.on_launched.append(window.forget_link)
            await _first(stopped.wait(), window.wait())
            await window.close()
            return 0 if shown or stopped.is_set() else _said(words.WINDOW_FAILED)
        case _:
            assert_never(window)


def _said(sentence: str) -> int:
    print(f"vigfield: {sentence}", file=sys.stderr)
    return 1


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
