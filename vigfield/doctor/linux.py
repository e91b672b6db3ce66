"""What Linux tells of disks, swap and memory, in its own files; `root` is "/" but for the tests."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from vigfield.doctor.facts import Protection

_IN_MEMORY = {"tmpfs", "ramfs"}
_TOLD_BY_ITS_DISK = {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "vfat", "exfat", "ntfs3"}


class Linux:
    """Reads; every answer is None or UNKNOWN where a file is missing or says something unforeseen."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def swaps(self) -> tuple[Protection, ...] | None:
        """Each swap in use."""
        lines = self._lines("proc/swaps")
        if lines is None:
            return None
        return tuple(self._swap(line.split()) for line in lines[1:] if line.split())

    def hibernates(self) -> bool | None:
        """Whether the tablet can hibernate and has been told where to."""
        states, kind = self.word("sys/power/state"), self.word("sys/power/disk")
        if states is None:
            return None
        if "disk" not in states.split() or kind is None or "[disabled]" in kind:
            return False
        line, place = self.word("proc/cmdline") or "", self.word("sys/power/resume") or "0:0"
        return place != "0:0" or any(part.startswith("resume=") for part in line.split())

    def number(self, path: str) -> int | None:
        """The number in a file."""
        text = self.word(path)
        return int(text) if text is not None and re.fullmatch(r"-?\d{1,12}", text) else None

    def word(self, path: str) -> str | None:
        """The text in a file."""
        lines = self._lines(path)
        return None if lines is None else "\n".join(lines).strip()

    def namespaces(self) -> bool | None:
        """Whether an ordinary program may make the namespaces that a browser's sandbox is made of."""
        most = self.number("proc/sys/user/max_user_namespaces")
        if most is None:
            return None
        if most == 0 or self.number("proc/sys/kernel/unprivileged_userns_clone") == 0:
            return False
        return None if self.number("proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1 else True

    def under(self, device: int) -> Protection:
        """What protects the file system with this device number (`st_dev`)."""
        number = f"{os.major(device)}:{os.minor(device)}"
        for line in self._lines("proc/self/mountinfo") or ():
            place, _, kind = line.partition(" - ")
            if place.split()[2:3] == [number] and kind:
                return self._mounted(number, *kind.split()[:2])
        return Protection.UNKNOWN

    def _mounted(self, number: str, kind: str, source: str) -> Protection:
        if kind in _IN_MEMORY:
            return Protection.MEMORY
        if kind not in _TOLD_BY_ITS_DISK:
            return Protection.UNKNOWN
        block = self._block(number)
        if block is None:
            block = self._named(source)
        return Protection.UNKNOWN if block is None else self._protection(block)

    def _swap(self, words: list[str]) -> Protection:
        name, kind = words[0], words[1] if len(words) > 1 else ""
        if re.fullmatch(r"/dev/zram\d+", name):
            backing = self.word(f"sys/block/{name[5:]}/backing_dev") or "none"
            return Protection.MEMORY if backing == "none" else Protection.UNKNOWN
        if kind == "file":
            try:
                return self.under(Path(name).stat().st_dev)
            except OSError:
                return Protection.UNKNOWN
        block = self._named(name)
        return Protection.UNKNOWN if block is None else self._protection(block)

    def _named(self, name: str) -> Path | None:
        """The folder in /sys of a block device with a name in /dev."""
        found = self._root / "sys/class/block" / Path(name).resolve().name
        return found if name.startswith("/dev/") and found.is_dir() else None

    def _block(self, number: str) -> Path | None:
        found = self._root / "sys/dev/block" / number
        return found if found.is_dir() else None

    def _protection(self, block: Path) -> Protection:
        """Encrypted if it is a crypt device, or stands on nothing else."""
        try:
            if (block / "dm/uuid").is_file() and (block / "dm/uuid").read_text().startswith("CRYPT-"):
                return Protection.ENCRYPTED
            if (block / "loop").is_dir():
                return Protection.UNKNOWN
            slaves = block / "slaves"
            return _all([self._protection(one) for one in slaves.iterdir()] if slaves.is_dir() else [])
        except OSError:
            return Protection.UNKNOWN

    def _lines(self, path: str) -> list[str] | None:
        try:
            return (self._root / path).read_text("utf-8", "replace").splitlines()
        except OSError:
            return None


def _all(below: Iterable[Protection]) -> Protection:
    """Of what a device stands on: as weak as the weakest; plain when it stands on nothing."""
    found = set(below)
    if not found or Protection.PLAIN in found:
        return Protection.PLAIN
    return Protection.UNKNOWN if Protection.UNKNOWN in found else Protection.ENCRYPTED
