"""Where the sealed files of the films are; a name holds a random id and a part's number, nothing else."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from vigfield.model import RecordingId
from vigfield.store import files

_ID = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"([0-9a-f]{32})-([0-9]{3,})\.(part|tail|film|index)")
_STILL = re.compile(r"([0-9a-f]{32})-([0-9]{3,})\.still")


@dataclass(frozen=True, slots=True)
class OnDisk:
    """The files there are of one part: `part` and `tail` while it is received, then `film` and `index`."""

    recording: RecordingId
    number: int
    kinds: frozenset[str]


class Media:
    """The media folder of a vault. It names files; it makes and removes none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def part_path(self, recording: RecordingId, number: int) -> Path:
        """The file of a part while it is received; its journal is beside it as `.tail`."""
        return self._path(recording, number, "part")

    def film_path(self, recording: RecordingId, number: int) -> Path:
        """The file of a finished part."""
        return self._path(recording, number, "film")

    def index_path(self, recording: RecordingId, number: int) -> Path:
        """The sealed index of a finished part."""
        return self._path(recording, number, "index")

    def still_path(self, recording: RecordingId, number: int) -> Path:
        """The sealed file of a picture kept from a film."""
        return self._path(recording, number, "still")

    def stills(self, recording: RecordingId) -> list[int]:
        """The numbers of the pictures kept from a film, rising."""
        found = map(_STILL.fullmatch, files.names_in(self.folder))
        return sorted(int(one[2]) for one in found if one and one[1] == recording)

    def files_of(self, recording: RecordingId) -> list[Path]:
        """Whatever is there of a recording: its parts, journals, indexes and pictures, by name."""
        if not _ID.fullmatch(recording):
            raise ValueError("a recording has a random id")
        names = files.names_in(self.folder)
        return sorted(self.folder / name for name in names if name.startswith(recording))

    def on_disk(self) -> list[OnDisk]:
        """Every part that has a file, by recording and number; other files are not looked at."""
        kinds = defaultdict(set)
        for name in files.names_in(self.folder):
            if found := _NAME.fullmatch(name):
                kinds[RecordingId(found[1]), int(found[2])].add(found[3])
        return [
            OnDisk(recording, number, frozenset(kinds[recording, number]))
            for recording, number in sorted(kinds)
        ]

    def _path(self, recording: RecordingId, number: int, kind: str) -> Path:
        if not _ID.fullmatch(recording) or number < 1:
            raise ValueError("a file is named by a random id and a part's number")
        return self.folder / f"{recording}-{number:03d}.{kind}"
