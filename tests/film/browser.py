"""A real Chromium in front of a real server, for tests of the camera page."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Frame, Page, Playwright

from tests.film import kit
from tests.film.fragments import split

ROOT = Path(__file__).parents[2]
PATIENCE_MS = 60_000
SMALL = {"width": 640, "height": 360, "bitrate": 1_000_000}


def wait_until(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Until the condition holds; fails by name when it never does."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(0.05)


@contextmanager
def camera(frames: int = 250) -> Iterator[kit.Source]:
    """A counted 720p25 camera and its tone, removed afterwards (346 MB for 250 frames)."""
    with tempfile.TemporaryDirectory(prefix="camera-") as folder:
        yield kit.make_source(Path(folder), frames=frames)


@contextmanager
def small_camera(frames: int = 250) -> Iterator[kit.Source]:
    """A smaller one, where the size of the picture is not the point (86 MB for 250 frames)."""
    with tempfile.TemporaryDirectory(prefix="camera-") as folder:
        yield kit.make_source(Path(folder), SMALL["width"], SMALL["height"], frames=frames)


@contextmanager
def chromium(playwright: Playwright, executable: str, flags: Sequence[str]) -> Iterator[Browser]:
    """Chromium without a window, with these flags."""
    arguments = ["--no-sandbox", "--disable-breakpad", *flags]
    browser = playwright.chromium.launch(executable_path=executable, args=arguments)
    try:
        yield browser
    finally:
        browser.close()


@dataclass(slots=True)
class Server:
    """The test server as a process of its own, which may be killed and started again on the same port."""

    folder: Path
    more: Mapping[str, object] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        (self.folder / "token").write_text(f"first-{os.urandom(8).hex()}")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return (self.folder / "token").read_text("utf-8")

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.film.serve", str(self.folder), str(self.port)]
        self.process = subprocess.Popen([*command, json.dumps(self.more)], cwd=ROOT)
        wait_until(self._listens, "the server listens")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def pull(self, switch: str, **values: object) -> None:
        """POST to one of the test server's switches."""
        data = json.dumps(values).encode()
        with urllib.request.urlopen(f"{self.address}/test/{switch}", data=data, timeout=30):
            pass

    @property
    def films(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("part-*.mp4"))]

    @property
    def told(self) -> list[dict[str, Any]]:
        """How each part that ended did end."""
        return [json.loads(path.read_text("utf-8")) for path in sorted(self.folder.glob("part-*.json"))]


@dataclass
class Camera:
    """The camera page in a browser, as a person meets it. (No slots: Playwright notes its handlers on it.)"""

    page: Page
    frame: Page | Frame
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, page: Page, server: Server, framed: bool = False) -> "Camera":
        camera = cls(page, page)
        page.on("console", camera.hear)
        page.on("pageerror", lambda error: camera.complaints.append(str(error)))
        if framed:
            page.goto(f"{server.address}/frame")
            inner = page.wait_for_selector("iframe")
            assert inner is not None
            found = inner.content_frame()
            assert found is not None
            camera.frame = found
        else:
            page.goto(f"{server.address}/capture/#{server.token}")
        return camera

    def hear(self, message: ConsoleMessage) -> None:
        # A link that is lost on purpose is the one thing that the browser may complain of.
        if message.type in ("error", "warning") and "WebSocket connection" not in message.text:
            self.complaints.append(message.text)

    def wait(self, phase: str, health: str | None = None) -> None:
        body = f'body[data-phase="{phase}"]' + (f'[data-health="{health}"]' if health else "")
        try:
            self.frame.wait_for_selector(body, state="attached", timeout=PATIENCE_MS)
        except Error as error:
            raise AssertionError(f"waited for {body}, but: {self.words}; {self.complaints}") from error

    def tap(self, name: str = "film-record") -> None:
        self.frame.click(f"#{name}")

    @property
    def words(self) -> str:
        return self.frame.inner_text("#film-state-words")

    @property
    def key(self) -> str | None:
        return self.frame.get_attribute("#film-state", "data-key")

    @property
    def notices(self) -> list[str]:
        return (self.frame.get_attribute("#film-notice", "data-keys") or "").split()

    def seconds(self) -> int:
        minutes, seconds = self.frame.inner_text("#film-time").split()[0].split(":")
        return int(minutes) * 60 + int(seconds)

    def film_for(self, seconds: int) -> None:
        """Until the page's own clock shows this much of film."""
        until = self.seconds() + seconds
        wait_until(lambda: self.seconds() >= until, f"{seconds} s of film", seconds * 4 + 60)


def joined(films: Sequence[bytes]) -> bytes:
    """The parts of a film as one: their frames go on where the part before stopped."""
    heads_and_fragments = [split(film) for film in films]
    return heads_and_fragments[0][0] + b"".join(
        fragment for _, fragments in heads_and_fragments for fragment in fragments
    )


def fragments_of(film: bytes) -> list[bytes]:
    """The fragments of a part, as they were sent."""
    return split(film)[1]
