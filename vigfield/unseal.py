"""The service's side of a film: its sealed parts and the service's private key in, one playable film out.

For the service's own machine, where films are meant to be looked at; it never runs on a tablet by itself.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vigfield.app.opened import film_context, handover_context
from vigfield.errors import Damaged, VigfieldError
from vigfield.keyholder import VIDEO, private_key
from vigfield.keyholder import Trouble as KeyTrouble
from vigfield.loopback import mp4
from vigfield.model import RecordingId
from vigfield.seal import Key, Reader, unseal
from vigfield.sync.document import SEALED_KEY
from vigfield.sync.fhir import PART

LARGEST = 1_000_000  # bytes of a document
_PIECE = 1 << 20


class Trouble(StrEnum):
    """Why there is no film."""

    DOCUMENT = "document"  # not the record of a sealed film
    NO_KEY = "no-key"  # the key file holds no key for films
    OTHER_KEY = "other-key"  # the film's key is sealed to another one
    MISSING_PART = "missing-part"  # no file given is this part
    DAMAGED = "damaged"  # a part does not open
    NOTHING = "nothing"  # nothing was filmed
    FILE = "file"  # a file cannot be read, or the film cannot be written


@dataclass(frozen=True, slots=True)
class Record:
    """What a DocumentReference says of a film: `parts` is each sealed file's SHA-256, by number."""

    recording: str
    kid: str
    policy: int
    sealed_key: bytes
    parts: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Film:
    """A film that was written."""

    bytes: int
    seconds: float
    parts: int


def record(text: bytes) -> Record | None:
    """The record of a sealed film in a DocumentReference's JSON; None for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match found:
        case {
            "resourceType": "DocumentReference",
            "id": str(id_),
            "extension": list(more),
            "content": list(files),
        }:
            return _record(id_, _within(more, SEALED_KEY), files)
        case _:
            return None


def _record(id_: str, key: Mapping[str, object], files: Sequence[object]) -> Record | None:
    parts = [_within(_extensions(file), PART) for file in files]
    match key:
        case {"kid": str(kid), "policy": int(policy), "value": str(value)} if all(map(_is_part, parts)):
            numbered = {int(str(part["number"])): str(part["sha256"]) for part in parts}
            with suppress(binascii.Error, ValueError):
                return Record(id_, kid, policy, base64.b64decode(value, validate=True), numbered)
    return None


def open_film(text: bytes, key_file: Path, files: Sequence[Path], out: Path) -> Film | Trouble:
    """Write the film that a record describes to a new file for its owner alone. Blocking."""
    found = record(text)
    if found is None:
        return Trouble.DOCUMENT
    private = private_key(key_file, VIDEO)
    if isinstance(private, KeyTrouble):
        return Trouble.FILE if private is KeyTrouble.FILE else Trouble.NO_KEY
    try:
        key = unseal(private, found.sealed_key, _context(found))
    except (Damaged, ValueError):
        return Trouble.OTHER_KEY
    finally:
        private.wipe()
    try:
        return _open_parts(found, key, files, out)
    finally:
        key.wipe()


def _open_parts(found: Record, key: Key, files: Sequence[Path], out: Path) -> Film | Trouble:
    try:
        by_digest = {_digest(file): file for file in files}
    except OSError:
        return Trouble.FILE
    if not set(found.parts.values()) <= set(by_digest):
        return Trouble.MISSING_PART
    try:
        with ExitStack() as open_now:
            readers = []
            for number, digest in sorted(found.parts.items()):
                context = film_context(RecordingId(found.recording), number)
                reader = Reader.open(by_digest[digest], key, context)
                open_now.callback(reader.close)
                readers.append(reader)
            return _write(readers, out)
    except OSError:
        return Trouble.FILE
    except VigfieldError:
        return Trouble.DAMAGED


def _write(readers: Sequence[Reader], out: Path) -> Film | Trouble:
    """The film as the player has it: a head with all its tables, then the stored bytes as they are."""
    indexes = [mp4.scan(reader.read, reader.size) for reader in readers]
    virtual = mp4.virtual(indexes, [reader.read for reader in readers])
    if not virtual.seconds:
        return Trouble.NOTHING
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            for at in range(0, virtual.size, _PIECE):
                file.write(virtual.read(at, _PIECE))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        out.unlink()  # a piece of a film must not pass for one
        raise
    return Film(virtual.size, virtual.seconds, len(readers))


def _context(found: Record) -> bytes:
    return handover_context(RecordingId(found.recording), found.policy, found.kid)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_part(part: Mapping[str, object]) -> bool:
    match part:
        case {"number": int(number), "sha256": str()} if not isinstance(number, bool) and number > 0:
            return True
        case _:
            return False


def _extensions(value: object) -> Sequence[object]:
    match value:
        case {"extension": list(found)}:
            return found
        case _:
            return ()


def _within(extensions: Sequence[object], url: str) -> dict[str, object]:
    """The members of an extension that has members, by their names; of the first of this address."""
    for one in extensions:
        match one:
            case {"url": str(address), "extension": list(members)} if address == url:
                return dict(pair for member in members if (pair := _named(member)) is not None)
    return {}


def _named(member: object) -> tuple[str, object] | None:
    match member:
        case {"url": str(name), **values} if len(values) == 1:
            return name, next(iter(values.values()))
        case _:
            return None
