"""A film host for tests: parts are plain files, and its only memory is a folder: it survives a kill."""

import asyncio
import dataclasses
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.loopback.site import Kept
from vigfield.errors import DiskFull
from vigfield.loopback import Media, mp4
from vigfield.loopback.choice import Choice
from vigfield.loopback.intake import Film, NoFilm, Written
from vigfield.loopback.messages import End, Hello

ASSETS = Path(__file__).parents[2] / "assets"
FREE = 50_000_000_000


def english() -> dict[str, str]:
    """The words of the camera page, from the table in its README."""
    text = (ASSETS / "capture" / "README.md").read_text("utf-8")
    return dict(
        re.findall(
            r"^\| `((?:button|label|state|notice|problem|refused|stopped)\.[A-Za-z-]+)` \| (.*) \|$",
            text,
            re.MULTILINE,
        )
    )


@dataclass(slots=True)
class Switches:
    """What a test may change while a film is being made."""

    refuse: str = ""
    full: bool = False
    stop: bool = False
    sync_seconds: float = 0.0
    free: int = FREE
    look: bool = True


class FilePart:
    """One part as a plain file, with a JSON file beside it that says how it ended."""

    def __init__(self, folder: Path, number: int, hello: Hello, switches: Switches) -> None:
        self.next_token = f"part-{number + 1}-{os.urandom(8).hex()}"
        self.stop = asyncio.Event()
        self._path = folder / f"part-{number:03}.mp4"
        self._file = self._path.open("xb")
        self._hello = hello
        self._switches = switches
        self._quality: Mapping[str, object] = {}
        (folder / "token").write_text(self.next_token)

    def write(self, messages: Sequence[bytes]) -> Written:
        if self._switches.full:
            raise DiskFull("no room left in this test")
        began = time.monotonic()
        for message in messages:
            self._file.write(message)
        self._file.flush()
        os.fdatasync(self._file.fileno())
        time.sleep(self._switches.sync_seconds)
        taken = (time.monotonic() - began) * 1000
        return Written(self._file.tell(), taken, self._switches.free, self._switches.stop)

    def note(self, stats: Mapping[str, object]) -> None:
        self._quality = stats

    async def finish(self, end: End) -> int:
        self._quality = end.quality
        return self._close("more" if end.more else "finished")

    async def lost(self) -> None:
        self._close("lost")

    def _close(self, ended: str) -> int:
        size = self._file.tell()
        self._file.close()
        hello = {
            "part": self._hello.part,
            "codecs": self._hello.codecs,
            "w": self._hello.w,
            "h": self._hello.h,
        }
        told = {"ended": ended, "bytes": size, "quality": dict(self._quality), "hello": hello}
        self._path.with_suffix(".json").write_text(json.dumps(told))
        return size


@dataclass(slots=True)
class FileHost:
    """One film in one folder; the token that may begin the next part is in the file `token`."""

    folder: Path
    setup_more: Mapping[str, object] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)
    part: FilePart | None = None
    looked: Kept | None = None

    def setup(self, token: str) -> Mapping[str, object] | None:
        if token != self._token():
            return None
        return {
            "words": english(), "locale": "en-GB", "target": 300, "longest": 900,
            "width": 1280, "height": 720, "fps": 25, "bitrate": 2_500_000,
            "window": 16_000_000, "free": FREE, "minutesLeft": 2500, "choice": self._choice(),
            **self.setup_more,
        }  # fmt: skip

    def _choice(self) -> object:
        kept = self.folder / "choice.json"
        return json.loads(kept.read_text("utf-8")) if kept.exists() else dataclasses.asdict(Choice())

    async def begin(self, token: str, hello: Hello) -> Film | NoFilm:
        if self.switches.refuse:
            return NoFilm(self.switches.refuse)
        number = len(list(self.folder.glob("part-*.mp4"))) + 1
        if token != self._token() or hello.part != number:
            return NoFilm("token")
        self.part = FilePart(self.folder, number, hello, self.switches)
        return self.part

    async def choose(self, token: str, choice: Choice) -> bool:
        if token != self._token():
            return False
        (self.folder / "choice.json").write_text(json.dumps(dataclasses.asdict(choice)))
        return True

    async def look(self, token: str) -> str | None:
        ended = self.part is not None and self.part._path.with_suffix(".json").exists()
        return "look" if token == self._token() and ended and self.switches.look else None

    def claim(self, link: str) -> tuple[str, Media] | None:
        if link != "look" or self.part is None:
            return None
        data = self.part._path.read_bytes()

        def read(offset: int, count: int) -> bytes:
            return data[offset : offset + count]

        film = mp4.virtual([mp4.scan(read, len(data))], [read])
        self.looked = Kept(film.read(0, film.size), film.frame_list())
        return "film", self.looked

    def media(self, token: str) -> Media | None:
        return self.looked if token == "film" and self.switches.look else None

    def _token(self) -> str:
        return (self.folder / "token").read_text("utf-8")
