"""Puts the parts together and serves them until stopped: the app, its screens, the guard, the browser."""

import asyncio
import contextlib
import json
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from vigfield import service
from vigfield.app import App, Door, PageWords
from vigfield.loopback import Kiosk, Server, build
from vigfield.ui import Host, pagewords


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
    server = Server(options.port)
    host = Host(app, server.origin, assets())
    guard = await server.start(build(host.socket, host.static, app, app, assets()))
    watching = asyncio.create_task(app.watch())
    try:
        url = guard.new_launch_url()
        if options.browser:
            async with Kiosk(url, no_sandbox=options.no_sandbox) as kiosk:
                await _first(stopped.wait(), kiosk.closed())
        else:
            print(json.dumps({"url": url} | ({"service": address} if address else {})), flush=True)
            await stopped.wait()
    finally:
        watching.cancel()
        await app.close()
        await server.stop()


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


async def _first(*waits: object) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[call-overload]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
