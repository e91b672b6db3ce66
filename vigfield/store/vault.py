"""The vault folder: what lies where, whose it is now, and whether there is a vault in it.

    vault.json       the header; its presence means that the vault is whole
    vault.new        a vault was being made here; removed once vault.json is on the disk
    vault.lock       held by the one process that has the vault open
    throttle.json    when a passphrase was tried
    data-<id>.db     the database of the vault with this id, sealed
    media/           the films, sealed

A vault is made in this order: `hold` writes vault.new, the database is made under the new vault's own id,
and `write` puts vault.json in place last. Whatever is cut short before that leaves vault.new and no
vault.json: the folder counts as empty and a vault can be made in it again. A database left behind by that
keeps its name and is never touched: it is empty, nobody was told of it, and its key is gone. A database or
films without vault.json *and* without vault.new are no leftover: the header was lost, which is damage.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from vigfield.errors import Damaged, NotAVault, VaultGone
from vigfield.store import files
from vigfield.store.header import Header, decode, encode
from vigfield.store.lock import Lock

HEADER = "vault.json"
MAKING = "vault.new"
LOCK = "vault.lock"
THROTTLE = "throttle.json"
MEDIA = "media"
_OURS = re.compile(
    r"(vault\.(json|new|lock)|throttle\.json|data-[A-Za-z0-9-]{1,64}\.db[A-Za-z0-9.-]*)(\.tmp)?|media"
)


@dataclass(frozen=True, slots=True)
class Empty:
    """No vault is here, and one can be made."""


@dataclass(frozen=True, slots=True)
class Present:
    """A vault is here."""

    header: Header


def look(folder: Path) -> Empty | Present:
    """What is in a folder, without changing it.

    Raises errors.NotAVault, NewerVault, UnreadableVault or Damaged when it is neither empty nor a vault.
    """
    names = files.names_in(folder)
    if HEADER in names:
        return Present(decode(files.read_small(folder / HEADER)))
    if not all(_OURS.fullmatch(name) for name in names):
        raise NotAVault("the folder holds something else")
    if MAKING not in names and _holds_data(folder, names):
        raise Damaged("vault.json is missing beside a vault's data")
    return Empty()


def vault_folders(folder: Path) -> tuple[Path, ...]:
    """The folders in a folder of vaults, by number; none when it is not there."""
    names = sorted(files.names_in(folder), key=lambda name: (len(name), name))
    return tuple(folder / name for name in names if _may_be_a_folder(folder / name))


def _may_be_a_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return True  # whoever looks into it is told why that cannot be done


def _holds_data(folder: Path, names: frozenset[str]) -> bool:
    if any(name.startswith("data-") for name in names):
        return True
    return MEDIA in names and bool(files.names_in(folder / MEDIA))


class VaultFolder:
    """A vault folder that this process holds, with or without a vault in it."""

    def __init__(self, path: Path, lock: Lock) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def hold(cls, path: Path) -> Self:
        """Take the folder for this process, and make it when it is missing.

        Raises errors.VaultInUse, and whatever `look` raises; a folder that is no vault is left as it is.
        """
        look(path)
        files.make_folder(path)
        lock = Lock(path / LOCK)
        try:
            _prepare(path)
        except BaseException:
            lock.release()
            raise
        return cls(path, lock)

    @property
    def held(self) -> bool:
        """Whether this process still has the folder to itself."""
        return self._lock.held

    @property
    def media(self) -> Path:
        """Where the films are."""
        return self.path / MEDIA

    def look(self) -> Empty | Present:
        """Whether there is a vault here now."""
        return look(self.path)

    def header(self) -> Header:
        """The vault's header; errors.VaultGone when there is none, or not any more."""
        match self.look():
            case Present(header):
                return header
            case Empty():
                raise VaultGone("no vault is here, or not any more")

    def database(self, header: Header) -> Path:
        """Where the database of this vault is, or is to be made.

        Raises errors.Damaged when the vault is whole but for its database: it is never made anew.
        """
        path = self.path / f"data-{header.id}.db"
        if self.look() == Present(header) and not files.exists(path):
            raise Damaged("the vault's database is missing")
        return path

    def write(self, header: Header) -> None:
        """Put the header in place, which makes a new vault whole; call it last. Also renews a vault's header.

        Raises errors.Damaged when the vault's database is not there, or when another vault is.
        """
        found = self.look()
        if isinstance(found, Present) and found.header.id != header.id:
            raise Damaged("another vault is in this folder")
        if not files.exists(self.database(header)):
            raise Damaged("a header without a database")
        files.write_atomically(self.path / HEADER, encode(header))
        files.remove(self.path / MAKING)

    def release(self) -> None:
        """Let another process have the folder."""
        self._lock.release()


def _prepare(path: Path) -> None:
    match look(path):
        case Empty():
            files.write_atomically(path / MAKING, b"")
            files.write_atomically(path / THROTTLE, b'{"tried": []}')
        case Present():
            files.remove(path / MAKING)
    files.make_folder(path / MEDIA)
