"""Looks for what must not be on the disk: windows of the film, of the raw pictures, names and notes.

Windows are long enough (16 bytes of high entropy) that a hit is no coincidence, and near enough to each
other that a leak longer than the step between them is found wherever it lies in a file.
"""

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

WINDOW = 16
DISTINCT = 10  # different byte values that a window must have, or it may turn up anywhere
MOST = 200_000_000


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found where it must not be."""

    path: str
    what: str


def windows(data: bytes, count: int, seed: int = 1) -> list[bytes]:
    """Up to `count` telling windows, evenly spread over the data."""
    chance = random.Random(seed)
    step = max(WINDOW, len(data) // count)
    found = []
    for start in range(0, len(data) - WINDOW, step):
        for _ in range(20):
            at = min(start + chance.randrange(step), len(data) - WINDOW)
            window = data[at : at + WINDOW]
            if len(set(window)) >= DISTINCT:
                found.append(window)
                break
    return found


def words(texts: Sequence[str]) -> list[bytes]:
    """Each text as a program may have written it: UTF-8 and UTF-16."""
    return [text.encode(coding) for text in texts for coding in ("utf-8", "utf-16-le", "utf-16-be")]


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


def scan(paths: Iterator[Path], needles: Mapping[str, Sequence[bytes]]) -> tuple[list[Hit], int]:
    """What was found, and how many bytes were looked through; a file's own name is looked at too."""
    hits: list[Hit] = []
    looked = 0
    for path in paths:
        data = _read(path)
        looked += len(data)
        name = str(path).encode()
        for what, wanted in needles.items():
            hits += [Hit(str(path), what) for needle in wanted if needle in data or needle in name]
    return hits, looked


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST:
            return b""
        return path.read_bytes()
    except OSError:
        return b""
