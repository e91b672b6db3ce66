"""Draws every screen at every size, in light and dark, into a folder outside the repository, to be looked at.

python -m tests.journeys.gallery --out DIR [--only today family …] [--dark] [--tall] [--fresh]
"""

import argparse
import asyncio
import shutil
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.app.kit import CHEAP, unlocked, work_of
from tests.conftest import BROWSERS
from tests.film.kit import make_source
from tests.journeys.browser import Screen, chromium
from tests.journeys.gallery_rooms import FRESH, ROOMS, Room
from tests.journeys.made_up import Made, make
from tests.sync.servers import proxy, reference_service
from tests.ui.fake import ASSETS
from vigfield.app import App, Door, PageWords, Work, door
from vigfield.loopback import Server, build
from vigfield.ui import Host, pagewords
from vigfield.ui.desk import Desk
from vigfield.ui.places import Place

T = TypeVar("T")

SIZES = ((1280, 800), (1024, 768), (800, 1280), (390, 844))
TALL = ((1280, 2600), (390, 4200))


class Stage:
    """The app on a loop of its own, with the browser's tab in front of it."""

    def __init__(self, app: App, host: Host, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.app = app
        self.url = url
        self._host = host
        self._loop = loop

    @property
    def work(self) -> Work:
        """What the open vault can do."""
        return work_of(self.app)

    @property
    def desk(self) -> Desk:
        """The desk of the tab that is connected."""
        return list(self._host._desks.values())[-1]

    def do(self, work: Coroutine[object, object, T]) -> T:
        """Run something on the app's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def go(self, place: Place) -> None:
        """Show a place, as a touch would."""
        desk = self.desk

        async def there() -> None:
            desk.go(place)

        self._loop.call_soon_threadsafe(lambda: desk._page.run_task(there))


@contextmanager
def stage(folder: Path, *, fresh: bool = False) -> Iterator[tuple[Stage, Made | None]]:
    """A locked vault full of work, served; the service answers while it is filled, and is away then.

    With `fresh` there is no vault yet.
    """
    ready: list[tuple[Stage, Made | None]] = []
    begun, over = threading.Event(), threading.Event()

    async def live() -> None:
        made = None if fresh else await _planted(folder)
        app = App(Door(folder / "vault", demo=False), PageWords(pagewords.CAPTURE, pagewords.PLAYER), None)
        host = Host(app, ASSETS)
        server = await Server.start(build(host.socket, host.static, app, app, ASSETS), 0)
        url = server.guard.new_launch_url(600)
        ready.append((Stage(app, host, url, asyncio.get_running_loop()), made))
        begun.set()
        await asyncio.to_thread(over.wait)
        await app.close()
        await server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(live()), daemon=True)
    thread.start()
    while not begun.wait(1):
        assert thread.is_alive(), "the vault could not be made"
    try:
        yield ready[0]
    finally:
        over.set()
        thread.join(30)


async def _planted(folder: Path) -> Made:
    with reference_service(folder / "service.db") as served:
        async with proxy(served.port) as between, unlocked(folder / "vault") as app:
            return await make(app, work_of(app), between, served)


class Painter:
    """Takes the pictures of one screen after the other."""

    def __init__(self, screen: Screen, out: Path, looks: list[tuple[int, int, str]]) -> None:
        self._screen = screen
        self._out = out
        self._looks = looks

    def paint(self, name: str) -> None:
        """The screen as it is now, at every size and in every light."""
        page = self._screen.page
        for width, height, light in self._looks:
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if light == "dark" else "light")
            page.wait_for_timeout(700)
            page.screenshot(path=self._out / f"{name}-{width}x{height}-{light}.png")
        page.set_viewport_size({"width": 1280, "height": 800})
        page.wait_for_timeout(300)


def _looks(dark: bool, tall: bool) -> list[tuple[int, int, str]]:
    sizes = TALL if tall else SIZES
    return [(*size, "dark" if dark else "light") for size in sizes]


def _draw(options: argparse.Namespace, rooms: list[Room], folder: Path) -> None:
    executable = next(path for path in map(shutil.which, BROWSERS) if path)
    source = make_source(folder, frames=50, seed=7)
    with (
        stage(folder, fresh=options.fresh) as (one, made),
        chromium(executable, folder / "profile", {"HOME": str(folder), "TMPDIR": str(folder)}, source) as tab,
    ):
        screen = Screen(tab.new_page())
        painter = Painter(screen, options.out, _looks(options.dark, options.tall))
        screen.open(one.url)
        screen.either("unlock", "make-vault")
        for room in rooms:
            try:
                room.enter(one, screen, made)  # type: ignore[arg-type]  no fresh room asks for what is made
                painter.paint(room.name)
                print(room.name, flush=True)
            except Exception as error:  # noqa: BLE001 - the other screens are wanted all the same
                print(f"{room.name}: {type(error).__name__} {str(error)[:300]}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.gallery", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--dark", action="store_true", help="in the dark")
    parser.add_argument("--tall", action="store_true", help="windows so tall that nothing has to be scrolled")
    parser.add_argument("--fresh", action="store_true", help="from the first start, with nothing in it yet")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    door.calibrate = lambda: CHEAP
    rooms = FRESH if options.fresh else ROOMS
    wanted = [one for one in rooms if not options.only or one.name in (*options.only, "today", "none-today")]
    with tempfile.TemporaryDirectory(prefix="g") as folder:
        _draw(options, wanted, Path(folder))


if __name__ == "__main__":
    main()
