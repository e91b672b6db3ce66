"""The browser window: a Chromium of its own, with a throw-away profile that keeps nothing.

The launch link travels in a local page that only this user may read, never on the command line, where every
program on the machine could see it.
"""

import asyncio
import json
import logging
import os
import shutil
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vigfield.loopback.profiles import PAGE, PROFILE, Folder

logger = logging.getLogger(__name__)

LINUX = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
)
WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
KEEP_NOTHING = (
    "--incognito",
    "--disk-cache-size=1",
    "--media-cache-size=1",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication",
    "--password-store=basic",
    "--no-pings",
)
STOP_SECONDS = 5.0
REMOVE_TRIES = 30
REMOVE_PAUSE = 0.1


class Kiosk:
    """A window of its own; `open_kiosk` makes one."""

    def __init__(self, folder: Folder, process: asyncio.subprocess.Process) -> None:
        self._held = folder
        self._folder = folder.path
        self._process = process

    @property
    def pid(self) -> int:
        """The browser's process id."""
        return self._process.pid

    def forget_link(self) -> None:
        """Remove the page with the launch link; to be called when the link was used."""
        _page(self._folder).unlink(missing_ok=True)

    async def wait(self) -> None:
        """Return when the person has closed the window; the profile is gone then."""
        await self._process.wait()
        # The browser's other processes end a little later, and may still write.
        for _ in range(REMOVE_TRIES):
            if await asyncio.to_thread(self._held.remove):
                return
            await asyncio.sleep(REMOVE_PAUSE)
        logger.warning("the browser's profile could not be removed")

    async def close(self) -> None:
        """Close the window, with force after 5 seconds, and remove its profile."""
        if self._process.returncode is None:
            self._process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        await self.wait()


@dataclass(frozen=True, slots=True)
class Borrowed:
    """No Chromium: the person's own browser was asked to open the link. It may keep what it sees."""

    page: Path
    folder: Folder

    def forget_link(self) -> None:
        """Remove the page with the launch link; to be called when the link was used."""
        self.folder.remove()


@dataclass(frozen=True, slots=True)
class NoBrowser:
    """No browser could be opened."""


async def open_kiosk(
    url: str, browser: Path | None = None, *, without_sandbox: bool = False, extra: Sequence[str] = ()
) -> Kiosk | Borrowed | NoBrowser:
    """Open a window on a launch link: in `browser`, else in the Chromium that is found, else in any browser.

    `without_sandbox` is for a person who insists on running as root; `extra` are more arguments, for tests.
    """
    found = browser or find_browser(sys.platform, os.environ)
    folder = Folder.make()
    page = write_page(folder.path, url)
    if found is None:
        return await asyncio.to_thread(_borrow, page, folder)
    arguments = [*launch_arguments(folder.path, without_sandbox=without_sandbox), *extra]
    try:
        process = await asyncio.create_subprocess_exec(
            found,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return await asyncio.to_thread(_borrow, page, folder)
    return Kiosk(folder, process)


def find_browser(platform: str, environment: Mapping[str, str]) -> Path | None:
    """The first Chromium, Chrome or Edge on this kind of machine."""
    if platform == "win32":
        names = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        roots = [environment[name] for name in names if environment.get(name)]
        paths = [Path(root, *tail.split("\\")) for tail in WINDOWS for root in roots]
        return next((path for path in paths if path.is_file()), None)
    if platform == "darwin":
        return next((Path(path) for path in MAC if Path(path).is_file()), None)
    search = environment.get("PATH", "")
    return next((Path(path) for name in LINUX if (path := shutil.which(name, path=search))), None)


def launch_arguments(folder: Path, *, without_sandbox: bool = False) -> list[str]:
    """What the browser is started with. Nothing here is secret."""
    null = "nul" if sys.platform == "win32" else "/dev/null"
    sandbox = ["--no-sandbox"] if without_sandbox else []
    return [
        f"--app={_page(folder).as_uri()}",
        f"--user-data-dir={folder / PROFILE}",
        f"--disk-cache-dir={null}",
        "--start-maximized",
        *KEEP_NOTHING,
        *sandbox,
    ]


def write_page(folder: Path, url: str) -> Path:
    """The local page that goes on to the launch link; for this user's eyes only."""
    page = _page(folder)
    target = json.dumps(url).replace("<", "\\u003c")
    script = f"<script>location.replace({target})</script>"
    text = f'<!doctype html><meta charset="utf-8"><title>vigfield</title>{script}'
    descriptor = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return page


def _page(folder: Path) -> Path:
    return folder / PAGE


def _borrow(page: Path, folder: Folder) -> Borrowed | NoBrowser:
    if webbrowser.open(page.as_uri()):
        return Borrowed(page, folder)
    folder.remove()
    return NoBrowser()
