"""Sealing and opening a GiB, against AES-GCM alone on the same segments, and against age."""

import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.figures import Figures, in_turn, ratios, seconds, spread
from benchmarks.table import Row
from vigfield.seal import Key, Reader, Writer
from vigfield.seal.disk import DISK, Disk
from vigfield.seal.segments import SEGMENT_BYTES, holding, room

PIECE = 150_000  # half a second of film at 2.5 Mbit/s
ROOM = room(1)
STEP = 1 << 20
READ = 65_536
AT_LEAST, AT_LEAST_AGE = 0.8, 3.0
ABOUT = b"a film of random bytes"


class Nowhere(Disk):
    """Everything but the disk: what is written or synced is thrown away."""

    def write(self, handle: int, offset: int, data: bytes) -> None:
        """Nothing."""

    def sync_data(self, handle: int) -> None:
        """Nothing."""

    def sync(self, handle: int) -> None:
        """Nothing."""


class NoDigest:
    """Stands in for the SHA-256 of the sealed file, to see what that costs."""

    def update(self, data: bytes) -> None:
        """Nothing."""

    def hexdigest(self) -> str:
        """Nothing."""
        return ""


@dataclass(slots=True)
class Bench:
    """A folder with a source of random bytes, which the system keeps in memory after the first reading."""

    folder: Path
    size: int
    key: Key = field(default_factory=Key.random)

    def __post_init__(self) -> None:
        with (self.folder / "source").open("wb") as out:
            for _ in range(self.size // STEP):
                out.write(os.urandom(STEP))

    def pieces(self, count: int, name: str = "source") -> Iterator[bytes]:
        """The source, or another file, in pieces of `count` bytes."""
        with (self.folder / name).open("rb", buffering=0) as source:
            while piece := source.read(count):
                yield piece

    def raw(self, put: Callable[[bytes], object] = lambda _: None) -> None:
        """AES-GCM on the segments that a sealed film has, and nothing else."""
        cipher = AESGCM(bytes(32))
        for number, piece in enumerate(self.pieces(ROOM)):
            put(cipher.encrypt(number.to_bytes(12), piece, None))

    def raw_to_disk(self) -> None:
        """As `raw`, into a file that is synced."""
        with (self.folder / "raw").open("wb", buffering=0) as out:
            self.raw(out.write)
            os.fdatasync(out.fileno())

    def plain_to_disk(self) -> None:
        """The source as it is, into a file that is synced."""
        with (self.folder / "plain").open("wb", buffering=0) as out:
            for piece in self.pieces(ROOM):
                out.write(piece)
            os.fdatasync(out.fileno())

    def hashed(self) -> None:
        """SHA-256 of the source."""
        digest = hashlib.sha256()
        for piece in self.pieces(ROOM):
            digest.update(piece)

    def raw_opened(self) -> None:
        """The segments that `raw_to_disk` wrote, opened again."""
        cipher = AESGCM(bytes(32))
        for number, piece in enumerate(self.pieces(SEGMENT_BYTES, "raw")):
            cipher.decrypt(number.to_bytes(12), piece, None)

    def seal(self, disk: Disk = DISK, *, digest: bool = True) -> None:
        """A film as it is sealed: pieces in, a finished file out."""
        self.path.unlink(missing_ok=True)
        writer = Writer.create(self.path.with_suffix(".part"), self.key, ABOUT, disk=disk)
        if not digest:
            writer._digest = NoDigest()  # type: ignore[assignment]
        for piece in self.pieces(PIECE):
            writer.append(piece)
        writer.finish(self.path)

    def opened(self) -> None:
        """The sealed film read from its beginning to its end, as the player gets it."""
        with Reader.open(self.path, self.key, ABOUT) as reader:
            for offset in range(0, reader.size, STEP):
                reader.read(offset, STEP)

    @property
    def words(self) -> str:
        """How much it is."""
        return f"{self.size >> 20} MiB" if self.size < 1 << 30 else f"{self.size >> 30} GiB"

    @property
    def path(self) -> Path:
        """The sealed film."""
        return self.folder / "film.film"


@dataclass(frozen=True, slots=True)
class Age:
    """The program age with a key of its own."""

    folder: Path
    recipient: str

    @classmethod
    def make(cls, folder: Path) -> "Age | None":
        """A new key; None where age is not installed."""
        if not (shutil.which("age") and shutil.which("age-keygen")):
            return None
        said = subprocess.run(["age-keygen", "-o", folder / "age.key"], capture_output=True, check=True)
        found = re.search(rb"age1\w+", said.stderr)
        assert found
        return cls(folder, found[0].decode())

    def seal(self) -> None:
        """Encrypt the source to nowhere."""
        with (self.folder / "source").open("rb") as source:
            self._run(["-r", self.recipient], source.fileno(), subprocess.DEVNULL)

    def seal_to_disk(self) -> None:
        """Encrypt the source into a file that is synced."""
        with (self.folder / "source").open("rb") as source, (self.folder / "source.age").open("wb") as out:
            self._run(["-r", self.recipient], source.fileno(), out.fileno())
            os.fdatasync(out.fileno())

    def open(self) -> None:
        """Decrypt what `seal_to_disk` wrote to nowhere."""
        with (self.folder / "source.age").open("rb") as source:
            self._run(["-d", "-i", str(self.folder / "age.key")], source.fileno(), subprocess.DEVNULL)

    @staticmethod
    def _run(arguments: list[str], source: int, out: int) -> None:
        subprocess.run(["age", *arguments], stdin=source, stdout=out, check=True)


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Rows on throughput: to the disk, without it, opened, and read here and there."""
    bench = Bench(folder, 1 << 27 if quick else 1 << 30)
    age = Age.make(folder)
    rounds = 2 if quick else 3
    rows = [*_thrown_away(bench, age, rounds), *_to_disk(bench, age, rounds), *_opened(bench, age, rounds)]
    rows.append(_reads(bench, 200 if quick else 2000))
    bench.key.wipe()
    return rows


def _thrown_away(bench: Bench, age: Age | None, rounds: int) -> list[Row]:
    contenders: dict[str, Callable[[], None]] = {
        "raw": bench.raw,
        "bare": lambda: bench.seal(Nowhere(), digest=False),
        "seal": lambda: bench.seal(Nowhere()),
        "digest": bench.hashed,
    }
    speeds = _speeds(bench, contenders | ({"age": age.seal} if age else {}), rounds)
    what, raw = f"seal {bench.words}, thrown away", speeds["raw"]
    return [
        _row(what, speeds["seal"], "AES-GCM", raw, AT_LEAST),
        _row("the same without the SHA-256 of the file", speeds["bare"], "AES-GCM", raw),
        _row("that SHA-256 alone", speeds["digest"], "AES-GCM", raw),
        *([_row(what, speeds["seal"], "age", speeds["age"], AT_LEAST_AGE)] if age else []),
        *([_row("AES-GCM alone", raw, "age", speeds["age"])] if age else []),
    ]


def _to_disk(bench: Bench, age: Age | None, rounds: int) -> list[Row]:
    contenders: dict[str, Callable[[], None]] = {
        "raw": bench.raw_to_disk,
        "bare": lambda: bench.seal(digest=False),
        "seal": bench.seal,
        "plain": bench.plain_to_disk,
    }
    speeds = _speeds(bench, contenders | ({"age": age.seal_to_disk} if age else {}), rounds)
    what = f"seal {bench.words} into a file, synced"
    return [
        _row(what, speeds["seal"], "AES-GCM", speeds["raw"], AT_LEAST),
        _row("the same without the SHA-256 of the file", speeds["bare"], "AES-GCM", speeds["raw"]),
        *([_row(what, speeds["seal"], "age", speeds["age"], AT_LEAST_AGE)] if age else []),
        _row("AES-GCM alone into a file, synced", speeds["raw"], "plain write", speeds["plain"]),
    ]


def _opened(bench: Bench, age: Age | None, rounds: int) -> list[Row]:
    contenders: dict[str, Callable[[], None]] = {"raw": bench.raw_opened, "open": bench.opened}
    speeds = _speeds(bench, contenders | ({"age": age.open} if age else {}), rounds)
    what, ours = f"open {bench.words}", speeds["open"]
    return [
        _row(what, ours, "AES-GCM", speeds["raw"]),
        *([_row(what, ours, "age", speeds["age"])] if age else []),
    ]


def _speeds(bench: Bench, contenders: dict[str, Callable[[], None]], rounds: int) -> dict[str, Figures]:
    """Megabytes a second of each; what one has left unwritten is written before the next one's turn."""

    def timed(act: Callable[[], None]) -> Callable[[], float]:
        def run() -> float:
            os.sync()
            return bench.size / seconds(act) / 1e6

        return run

    return in_turn({name: timed(act) for name, act in contenders.items()}, rounds)


def _row(what: str, ours: Figures, name: str, limit: Figures, goal: float | None = None) -> Row:
    ratio = ratios(ours, limit)
    return Row(
        what,
        f"{spread(ratio)} x {name}: {ours.median:.0f} MB/s",
        f"{limit.median:.0f} ({limit.best:.0f} to {limit.worst:.0f}) MB/s",
        "" if goal is None else f"at least {goal:g} x",
        None if goal is None else ratio.median >= goal,
    )


def _reads(bench: Bench, count: int) -> Row:
    """64 KiB from random places: the whole reader, and its file and cipher alone on the same segments."""
    chance, found, limit = Random(7), [], []
    with Reader.open(bench.path, bench.key, ABOUT) as reader, bench.path.open("rb") as file:
        for _ in range(count):
            offset = chance.randrange(reader.size - READ)
            found.append(seconds(lambda: reader.read(offset, READ)))  # noqa: B023
            limit.append(_bare_read(file.fileno(), offset))
    ours, bare = Figures(tuple(found)).scaled(1e6), Figures(tuple(limit)).scaled(1e6)
    return Row(
        f"read 64 KiB at {count} random places",
        f"{ours.median / bare.median:.2f} x: p50 {ours.median:.0f} µs, p99 {ours.part(0.99):.0f} µs",
        f"pread and AES-GCM of the same segments: p50 {bare.median:.0f} µs, p99 {bare.part(0.99):.0f} µs",
    )


def _bare_read(handle: int, offset: int) -> float:
    """How long reading the segments takes, and as much AES-GCM; sealing stands in for opening."""
    first, last = holding(offset), holding(offset + READ - 1)
    cipher = AESGCM(bytes(32))
    began = time.perf_counter()
    data = os.pread(handle, (last + 1 - first) * SEGMENT_BYTES, first * SEGMENT_BYTES)
    for number in range(last + 1 - first):
        cipher.encrypt(bytes(12), data[number * SEGMENT_BYTES : (number + 1) * SEGMENT_BYTES], None)
    return time.perf_counter() - began
