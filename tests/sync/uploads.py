"""What tests of uploads share: a sealed film, a journal to look into, a line that notes whom it asks."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.seal.films import ASSOCIATED, key, picture
from vigfield.seal import Writer
from vigfield.sync.line import Limits, Line
from vigfield.sync.reply import Answer, Failure, Hashed
from vigfield.sync.upload import SealedFile

TOKEN = "t0k3n"
METADATA = {"film": "6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f", "part": "1"}
QUICK = (0.01, 0.01, 0.01)  # pauses before further tries


def sealed_film(folder: Path, size: int) -> Path:
    """A finished film of `size` bytes, sealed by the app's own writer."""
    writer = Writer.create(folder / "film.part", key(), ASSOCIATED)
    for start in range(0, size, 1_000_000):
        writer.append(picture(min(1_000_000, size - start), start))
    final = folder / "film.sealed"
    writer.finish(final)
    return final


def sealed_file(path: Path) -> SealedFile:
    """The film as the upload wants it."""
    data = path.read_bytes()

    async def read(offset: int, length: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)

    return SealedFile(len(data), hashlib.sha256(data).hexdigest(), METADATA, read)


def in_memory(data: bytes, recorded: bytes | None = None) -> SealedFile:
    """Bytes as a file; `recorded` is what they were when the film was closed."""

    async def read(offset: int, length: int) -> bytes:
        return data[offset : offset + length]

    recorded = data if recorded is None else recorded
    return SealedFile(len(recorded), hashlib.sha256(recorded).hexdigest(), METADATA, read)


@dataclass
class Book:
    """A journal in memory; `refuse_at` is the number of the question that it answers with no, from 1."""

    location: str = ""
    offset: int = 0
    refuse_at: int = 0
    questions: int = 0
    places: list[str] = field(default_factory=list)
    when_no: Callable[[], None] = lambda: None

    async def may_go_on(self) -> bool:
        self.questions += 1
        if self.questions == self.refuse_at:
            self.when_no()
            return False
        return True

    async def created(self, location: str) -> None:
        self.location, self.offset = location, 0
        self.places.append(location)

    async def reached(self, offset: int) -> None:
        self.offset = offset


@dataclass
class Kept(Book):
    """A journal in a file, which outlives the process."""

    path: Path = Path()

    async def created(self, location: str) -> None:
        await super().created(location)
        self._keep()

    async def reached(self, offset: int) -> None:
        await super().reached(offset)
        self._keep()

    def _keep(self) -> None:
        new = self.path.with_suffix(".new")
        with new.open("w") as file:
            file.write(json.dumps({"location": self.location, "offset": self.offset}))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)

    @classmethod
    def open(cls, path: Path) -> "Kept":
        """The journal as it was left; a new one where there is none."""
        return cls(**(json.loads(path.read_text()) if path.exists() else {}), path=path)


class Noting(Line):
    """A line that notes whom it asks, and with what."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.asked: list[tuple[str, str, Mapping[str, str]]] = []

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Answer | Failure:
        self.asked.append((method, url, dict(headers)))
        return await super().ask(method, url, headers, content)

    async def hashed(self, url: str, headers: Mapping[str, str], most: int) -> Hashed | Failure:
        self.asked.append(("GET", url, dict(headers)))
        return await super().hashed(url, headers, most)
