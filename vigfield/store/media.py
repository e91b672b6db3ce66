"""Where the sealed files of the films are; a name holds a random id and a part's number, nothing else."""

import os
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from vigfield.errors import Damaged, DiskFailed, Missing, UnreadableVault, VigfieldError
from vigfield.model import RecordingId
from vigfield.store import files

_ID = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"([0-9a-f]{32})-([0-9]{3,})\.(part|tail|film|index)")
_OURS = re.compile(r"([0-9a-f]{32})-[0-9]{3,}\.(?:part|tail|film|index|still)(?:\.new)?")
_STILL = re.compile(r"([0-9a-f]{32})-([0-9]{3,})\.still")


def is_a_films(name: str) -> bool:
    """Whether a name is one that a film's file can have."""
    return _OURS.fullmatch(name) is not None


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

    def is_there(self) -> bool:
        """Whether the folder itself is here."""
        return self.folder.is_dir()

    def is_bare(self) -> bool:
        """Whether there is nothing in the folder, or no folder: what a disk that is away leaves."""
        try:
            return not files.names_in(self.folder)
        except VigfieldError:
            return True

    def has(self, path: Path) -> bool:
        """Whether there is a file of this name; not when the disk cannot be asked."""
        try:
            return path.is_file()
        except OSError:
            return False

    def touch(self, path: Path) -> None:
        """Open a file for reading and close it again.

        Raises errors.Missing, UnreadableVault or DiskFailed; errors.Damaged for a link, a pipe or a folder.
        """
        try:
            if path.is_symlink() or (path.exists() and not path.is_file()):
                raise Damaged("a film's name is not a file's")
            os.close(os.open(path, os.O_RDONLY))
        except FileNotFoundError:
            raise Missing("a film's file is not there") from None
        except PermissionError:
            raise UnreadableVault("a film's file may not be read") from None
        except OSError:
            raise DiskFailed("a film's file could not be opened") from None

    def free(self) -> int:
        """Bytes left on the disk that holds the films; errors.Missing when it is not there."""
        try:
            return shutil.disk_usage(self.folder).free
        except OSError:
            raise Missing("the disk with the films is not there") from None

    def owners(self) -> list[str]:
        """The id at the front of each file's name, empty for a name that is no film's. Errors of the disk."""
        found = (_OURS.fullmatch(name) for name in files.names_in(self.folder))
        return [one[1] if one else "" for one in found]

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
