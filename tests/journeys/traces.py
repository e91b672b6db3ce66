"""What strace saw a browser write to files, also to those that came and went."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_STRING = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_WRITE = re.compile(rb"^p?writev?(?:64|2)?\(\d+<(/[^>]*)>(?:\(deleted\))?, ")
_OPEN = re.compile(rb'^(?:openat|creat)\((?:AT_FDCWD<([^>]*)>, )?"((?:[^"\\]|\\.)*)", ([A-Z_|]+)')
_FOR_WRITING = re.compile(rb"O_WRONLY|O_RDWR|O_CREAT")
_NO_FILE = ("/dev/", "/proc/", "/sys/", "/memfd:", "/i915", "/SYSV")


@dataclass(slots=True)
class Traced:
    """The paths that were opened for writing, and every byte that went into a file, by thread and path."""

    opened: set[str] = field(default_factory=set)
    written: dict[tuple[str, str], bytearray] = field(default_factory=dict)
    lines: int = 0

    @property
    def bytes(self) -> int:
        """How many bytes went into files."""
        return sum(map(len, self.written.values()))


def read(folder: Path) -> Traced:
    """Everything in the files that `strace -ff` left in a folder."""
    traced = Traced()
    for path in sorted(folder.iterdir()):
        for line in _lines(path):
            traced.lines += 1
            _take(traced, path.name, line)
    return traced


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _take(traced: Traced, thread: str, line: bytes) -> None:
    if found := _WRITE.match(line):
        name = _text(found[1]).removesuffix(" (deleted)")
        if not name.startswith(_NO_FILE):
            held = traced.written.setdefault((thread, name), bytearray())
            for piece in _STRING.finditer(line, found.end()):
                held += _plain(piece[1])
    elif (found := _OPEN.match(line)) and _FOR_WRITING.search(found[3]):
        name = str(Path(_text(found[1] or b"/")) / _text(found[2]))
        if not name.startswith(_NO_FILE):
            traced.opened.add(name)


def _plain(escaped: bytes) -> bytes:
    return escaped.decode("unicode_escape").encode("latin-1")


def _text(escaped: bytes) -> str:
    return _plain(escaped).decode("utf-8", "replace")
