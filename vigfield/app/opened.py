"""What is in hand while a vault is open, and how a recording's parts are bound to it."""

from dataclasses import dataclass
from typing import TypeVar

from vigfield.errors import Unknown
from vigfield.model import RecordingId
from vigfield.seal import Key, unwrap, wrap
from vigfield.store import Media, Store

T = TypeVar("T")

DATABASE = b"vigfield database key 1"
RECORDINGS = b"vigfield recording wrap key 1"


@dataclass(frozen=True, slots=True)
class Opened:
    """The open database, the media folder, and the key that wraps the recordings' keys."""

    store: Store
    media: Media
    recordings_key: Key

    async def close(self) -> None:
        """Forget the key and close the database."""
        self.recordings_key.wipe()
        await self.store.close()


def film_context(recording: RecordingId, number: int) -> bytes:
    """The associated data of a part: this film, this part, and nothing else."""
    return f"vigfield film 1 {recording} {number}".encode()


def index_context(recording: RecordingId, number: int) -> bytes:
    """The associated data of the index beside a part."""
    return f"vigfield index 1 {recording} {number}".encode()


def handover_context(recording: RecordingId, policy: int, kid: str) -> bytes:
    """What a film's key for a service is bound to: the film, the policy that allowed it, and whose key."""
    return f"vigfield film for a service 1 {recording} {policy} {kid}".encode("ascii")


def wrap_film_key(opened: Opened, recording: RecordingId, key: Key) -> bytes:
    """A recording's key, sealed for the database and bound to the recording."""
    return wrap(opened.recordings_key, key, _key_context(recording))


def unwrap_film_key(opened: Opened, recording: RecordingId, wrapped: bytes) -> Key:
    """A recording's key from the database; errors.Damaged when it is not this recording's."""
    return unwrap(opened.recordings_key, wrapped, _key_context(recording))


def _key_context(recording: RecordingId) -> bytes:
    return f"vigfield recording key 1 {recording}".encode()


def known(value: T | None) -> T:
    """The record that was looked up; errors.Unknown when there is none."""
    if value is None:
        raise Unknown("no record has this id")
    return value
