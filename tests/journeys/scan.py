"""Looks for what must not be on the disk: windows of the film, of the raw pictures, names, notes and keys.

Windows are chosen by content: each begins at an anchor, a pair of bytes that turns up about once in 500.
The same bytes have the same windows wherever they lie in a file, so that a leak of a few thousand bytes holds
some of them. A window is long and varied enough that a hit is no coincidence.
"""

import base64
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

DISTINCT = {"film": 14, "picture": 6}
"""How many different byte values a window must have: packed bytes are more varied than raw pictures."""
CHUNK = 64_000_000
OVERLAP = 4096
MARKS = {"fragment": re.compile(rb"moof.{4}mfhd", re.DOTALL), "sound head": re.compile(rb"OpusHead")}

_FIRST = rb"[\x5b\x73\x91\xa7]"
_SECOND = b"[" + b"".join(re.escape(bytes([byte])) for byte in range(256) if byte & 7 == 3) + b"]"
# Two bytes side by side, and the same byte of two pixels of four bytes; with the length of the window there.
_ANCHORS = (
    (re.compile(_FIRST + b"(?=" + _SECOND + b")"), 24),
    (re.compile(_FIRST + b"(?=..." + _SECOND + b")", re.DOTALL), 48),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found where it must not be."""

    path: str
    what: str


@dataclass(slots=True)
class Needles:
    """What is looked for: windows and short texts, each with its kind, and the marks of the film's format."""

    windows: dict[bytes, str] = field(default_factory=dict)
    texts: dict[bytes, str] = field(default_factory=dict)

    def add_windows(self, kind: str, data: bytes, least: int = DISTINCT["film"]) -> None:
        """Every telling window of some data."""
        for window in windows(data, least):
            self.windows.setdefault(window, kind)

    def add_texts(self, kind: str, texts: Iterable[str]) -> None:
        """Texts as a program may have written them: UTF-8 and UTF-16, both ways round."""
        for text in texts:
            for coding in ("utf-8", "utf-16-le", "utf-16-be"):
                self.texts[text.encode(coding)] = kind

    def add_secret(self, kind: str, secret: bytes) -> None:
        """A key as it is, in hexadecimal and in base64."""
        text = secret.hex()
        for form in (secret, text.encode(), text.upper().encode(), base64.b64encode(secret)):
            self.texts[form] = kind

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        kinds = [*self.windows.values(), *self.texts.values(), *MARKS]
        return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}

    def found_in(self, data: bytes) -> list[str]:
        """The kind of everything that is found, once for each place of a window and once for each text."""
        found = [kind for window in _at_anchors(data) if (kind := self.windows.get(window)) is not None]
        found += [kind for text, kind in self.texts.items() if text in data]
        return found + [kind for kind, mark in MARKS.items() if mark.search(data)]


def windows(data: bytes, least: int = DISTINCT["film"]) -> set[bytes]:
    """Every window at an anchor with at least so many different byte values."""
    return {window for window in _at_anchors(data) if len(set(window)) >= least}


def _at_anchors(data: bytes) -> Iterator[bytes]:
    for anchor, length in _ANCHORS:
        for found in anchor.finditer(data, 0, max(0, len(data) - length + 1)):
            yield data[found.start() : found.start() + length]


def changed_files(folders: Sequence[Path], since: float) -> Iterator[Path]:
    """Every regular file in the folders that was written since a moment."""
    for folder in folders:
        for root, _, names in os.walk(folder):
            for name in names:
                path = Path(root) / name
                try:
                    state = path.lstat()
                except OSError:
                    continue
                if path.is_file() and not path.is_symlink() and state.st_mtime >= since:
                    yield path


def open_files(pids: Sequence[int]) -> Iterator[Path]:
    """Regular files that processes hold open, deleted ones too."""
    for pid in pids:
        try:
            links = list(Path(f"/proc/{pid}/fd").iterdir())
        except OSError:
            continue
        for link in links:
            try:
                target = str(link.readlink())
            except OSError:
                continue
            if target.startswith("/") and not target.startswith(("/dev/", "/proc/", "/memfd:")):
                yield link


def family_of(pid: int) -> list[int]:
    """A process and all that it started."""
    children: dict[int, list[int]] = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                stat = (process / "stat").read_text()
            except OSError:
                continue
            parent = int(stat.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(process.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


@dataclass(slots=True)
class Looked:
    """What a scan looked through, and what it found."""

    hits: list[Hit] = field(default_factory=list)
    files: int = 0
    bytes: int = 0

    def leaks(self, root: Path) -> list[Hit]:
        """The hits that are ours: another program may have a film of its own in a folder that all share."""
        return [hit for hit in self.hits if hit.what not in MARKS or str(root) in hit.path]

    def count(self, kind: str) -> int:
        """How many hits of a kind."""
        return sum(hit.what == kind for hit in self.hits)


def scan(paths: Iterable[Path], needles: Needles, names: Mapping[Path, str] | None = None) -> Looked:
    """Look through files and their names; `names` says what a copy was called where it lay.

    A file that is gone before it can be read is passed over: it is no evidence of anything.
    """
    looked = Looked()
    for path in paths:
        name = (names or {}).get(path, str(path))
        try:
            found = [*needles.found_in(name.encode()), *_found_in_file(path, needles, looked)]
        except FileNotFoundError:
            continue
        looked.files += 1
        looked.hits += [Hit(name, what) for what in found]
    return looked


def _found_in_file(path: Path, needles: Needles, looked: Looked) -> list[str]:
    found: list[str] = []
    before = b""
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            looked.bytes += len(data)
            found += needles.found_in(before + data)
            before = data[-OVERLAP:]
    return found
