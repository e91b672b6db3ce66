"""The doors of a tablet that practitioners share: each has a vault of their own, in a folder of its own."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from vigfield.app.door import Door
from vigfield.errors import NotAVault, VaultInUse, VigfieldError
from vigfield.store import Empty, Present, look, vault_folders


@dataclass(frozen=True, slots=True)
class Entry:
    """A vault on this tablet: its folder and its id, or what is wrong with it."""

    path: Path
    id: str
    fault: VigfieldError | None = None


class Doors:
    """Every vault in a folder, and one more beside them if it is there; opens none and changes nothing."""

    def __init__(self, folder: Path, first: Path | None = None) -> None:
        self._folder = folder
        self._first = () if first is None else (first,)
        self._doors: dict[Path, Door] = {}

    def entries(self) -> tuple[Entry, ...]:
        """The vaults, in the order of their folders. Blocking. What is no vault is passed over."""
        first = tuple(map(_entry, self._first))
        try:
            rest = tuple(_entry(path) for path in vault_folders(self._folder) if path not in self._first)
        except VigfieldError as error:
            rest = (Entry(self._folder, "", error),)
        return tuple(entry for entry in (*first, *rest) if entry is not None)

    def door(self, path: Path) -> Door:
        """The door of this vault, held from now until `release`. Blocking; raises what Door raises."""
        if path not in self._doors:
            self._doors[path] = Door(path, demo=False)
        return self._doors[path]

    def new(self) -> Door:
        """A door behind which a vault can be made. Blocking."""
        for number in count(1):
            path = self._folder / f"vault-{number}"
            if self._free(path):
                try:
                    return self.door(path)
                except VaultInUse:
                    continue  # another process is making one; a disk that fails would fail for every number
        raise AssertionError("numbers do not end")

    def release(self) -> None:
        """Let other processes have the vaults."""
        for door in self._doors.values():
            door.release()
        self._doors.clear()

    def _free(self, path: Path) -> bool:
        try:
            return isinstance(look(path), Empty)
        except NotAVault:
            return False
        except VigfieldError:
            if path not in vault_folders(self._folder):
                raise
            return False


def _entry(path: Path) -> Entry | None:
    try:
        found = look(path)
    except NotAVault:
        return None
    except VigfieldError as error:
        return Entry(path, "", error)
    return Entry(path, found.header.id) if isinstance(found, Present) else None
