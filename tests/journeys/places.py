"""Everywhere that the app or its browser could leave something, and copies of it at any moment."""

import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.journeys import scan

SEALED = (".part", ".film", ".tail")
"""What grows all the time and stays: looked at where it lies, at the end."""
TEMPORARY = re.compile(
    r"\.?(org\.chromium|com\.google|chrom|scoped_dir|vigfield-(?!bench)|playwright|flet|tmp|core)", re.I
)
MOST = 200_000_000


def folders(root: Path) -> list[Path]:
    """The tablet, shared memory, a person's own folders, and what browsers or Python make in temp folders."""
    home = Path.home()
    own = [home / name for name in (".config", ".cache", ".local", ".pki")]
    shared = [path for folder in (Path("/tmp"), Path("/var/tmp")) for path in _made_in(folder)]
    return [root, Path("/dev/shm"), *(path for path in own if path.is_dir()), *shared]


def _made_in(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if TEMPORARY.match(path.name) and path.is_dir() and not path.is_symlink():
            yield path


@dataclass(slots=True)
class Copies:
    """Copies of what was there, each version of a file once; `names` tells where each lay, and when."""

    folder: Path
    root: Path
    since: float
    leave: tuple[Path, ...] = ()
    names: dict[Path, str] = field(default_factory=dict)
    places: set[Path] = field(default_factory=set)
    too_large: list[str] = field(default_factory=list)
    """What was not copied: another program's, or a failure of the test."""
    _known: set[tuple[int, int, int, int]] = field(default_factory=set)

    def take(self, stage: str, pids: Sequence[int] = ()) -> None:
        """Copy every file that is new or changed, and every file that these processes hold open."""
        self.places.update(folders(self.root))
        found = [*scan.changed_files(folders(self.root), self.since), *scan.open_files(pids)]
        for path in found:
            try:
                self._take(stage, path)
            except OSError:
                continue  # gone again, or somebody else's

    def _take(self, stage: str, path: Path) -> None:
        state = path.stat()
        version = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)
        name = str(path.readlink()) if path.is_relative_to("/proc") else str(path)
        if version in self._known or not stat.S_ISREG(state.st_mode) or state.st_mtime < self.since:
            return
        if name.endswith(SEALED) or Path(name).is_relative_to(self.folder) or Path(name) in self.leave:
            return
        self._known.add(version)
        if state.st_size > MOST:
            self.too_large.append(name)
            return
        copy = self.folder / f"{len(self.names):06d}"
        shutil.copyfile(path, copy)
        self.names[copy] = f"{stage}: {name}"

    def sealed(self) -> list[Path]:
        """The sealed files of the films, where they lie now."""
        return [path for path in self.root.rglob("*") if path.name.endswith((*SEALED, ".still", ".index"))]

    def dumps(self) -> list[str]:
        """Everything that looks like what a crash leaves behind."""
        return [name for name in self.names.values() if re.search(r"/core(\.\d+)?$|\.dmp$", name)]
