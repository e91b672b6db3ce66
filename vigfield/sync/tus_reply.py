"""What a tus server's answer means; pure, and trusting nothing in it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from vigfield.sync.outcome import Why
from vigfield.sync.reply import Answer, Failure, Hashed, Refusal, clean

VERSION = "1.0.0"
CHECKSUMS = ("sha256", "sha1")  # the better one first

_NUMBER = re.compile(r"[0-9]{1,15}")
_KEPT_OUT = frozenset({401, 403, 407})
_NOT_NOW = frozenset({408, 423, 425, 429})  # 423: another request of ours still holds the upload
_AT_ODDS = frozenset({409, 460})  # about the offset, and about the checksum: the server is to be asked again


class Unfit(StrEnum):
    """Why a server cannot take a film at all. The person's sentence for each is in `ui`."""

    VERSION = "version"  # it speaks no tus 1.0.0
    CREATION = "creation"  # it lets no client begin an upload
    SIZE = "size"  # it takes no file as large as this one


@dataclass(frozen=True, slots=True)
class Ability:
    """What the server says that it can do.

    `checksum` is the algorithm to be used, empty for none; `most` the largest upload in bytes, None for any.
    """

    creation: bool
    termination: bool
    checksum: str
    most: int | None


@dataclass(frozen=True, slots=True)
class Created:
    """An upload was begun at this address, absolute and of the server's own origin."""

    location: str


@dataclass(frozen=True, slots=True)
class Held:
    """How many bytes of an upload the server has, and how many it expects."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The server took bytes, and has this many now."""

    offset: int


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no upload at this address, or not any more."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the server has, given back: its SHA-256 in hexadecimal."""

    sha256: str


@dataclass(frozen=True, slots=True)
class Untold:
    """The server does not give back what it has."""


@dataclass(frozen=True, slots=True)
class Removed:
    """The server has nothing there any more."""


@dataclass(frozen=True, slots=True)
class CannotRemove:
    """The server does not remove this."""


def to_options(answer: Answer) -> Ability | Unfit | Failure:
    """What the server can do. One that names no version of tus is no tus server: rubbish."""
    unmet = _unmet(answer)
    if answer.status not in (200, 204):
        return unmet if isinstance(unmet, Failure | Unfit) else Failure(Why.RUBBISH)
    said = answer.headers
    versions = _list(said.get("tus-version", "")) or _list(said.get("tus-resumable", ""))
    if not versions:
        return Failure(Why.RUBBISH)
    if VERSION not in versions:
        return Unfit.VERSION
    extensions = _list(said.get("tus-extension", ""))
    known = _list(said.get("tus-checksum-algorithm", "")) if "checksum" in extensions else []
    return Ability(
        creation="creation" in extensions,
        termination="termination" in extensions,
        checksum=next((one for one in CHECKSUMS if one in known), ""),
        most=_number(said.get("tus-max-size", "")),
    )


def to_create(answer: Answer, location: str | None) -> Created | Refusal | Unfit | Failure:
    """Whether an upload was begun; `location` is where, None if that is no address to be used."""
    if answer.status != 201:
        return _unmet(answer)
    return Failure(Why.RUBBISH) if location is None else Created(location)


def to_offset(answer: Answer) -> Held | Gone | Refusal | Unfit | Failure:
    """How far an upload has come. An offset or a length that is no number is rubbish."""
    if answer.status in (400, 404, 410):  # 400: one server says so of an id that it does not know
        return Gone()
    if answer.status not in (200, 204):
        return _unmet(answer)
    offset = _number(answer.headers.get("upload-offset", ""))
    length = _number(answer.headers.get("upload-length", ""))
    return Failure(Why.RUBBISH) if offset is None or length is None else Held(offset, length)


def to_send(answer: Answer, offset: int, count: int) -> Moved | Gone | Refusal | Unfit | Failure:
    """What became of `count` bytes that were sent from `offset`; one that cannot be is rubbish."""
    if answer.status in (404, 410):
        return Gone()
    if answer.status != 204:
        return _unmet(answer)
    now = _number(answer.headers.get("upload-offset", ""))
    return Failure(Why.RUBBISH) if now is None or not offset < now <= offset + count else Moved(now)


def to_digest(reply: Hashed | Failure, length: int) -> Stored | Untold | Failure:
    """What the server has. What is not exactly `length` bytes with 200 is not the upload."""
    match reply:
        case Failure(Why.RUBBISH, _):  # more than `length` bytes: some page, and not the upload
            return Untold()
        case Failure():
            return reply
        case Hashed(status=200, bytes=count) if count == length and _is_plain(reply):
            return Stored(reply.sha256)
        case Hashed(status=status, after=after) if status in _NOT_NOW:
            return Failure(Why.SLOW, after)
        case Hashed(status=status, after=after) if status >= 500 and status != 501:
            return Failure(Why.SERVER_ERROR, after)
        case _:
            return Untold()


def to_remove(answer: Answer) -> Removed | CannotRemove | Failure:
    """Whether an upload was removed, by a server that says that it removes."""
    if answer.status in (204, 404, 410):
        return Removed()
    unmet = _unmet(answer)
    return unmet if isinstance(unmet, Failure) else CannotRemove()


def _unmet(answer: Answer) -> Refusal | Unfit | Failure:
    status = answer.status
    if status in _KEPT_OUT:
        return Failure(Why.NOT_ALLOWED)
    if status in _NOT_NOW:
        return Failure(Why.SLOW, answer.after)
    if status >= 500:
        return Failure(Why.SERVER_ERROR, answer.after)
    if status == 412 and VERSION not in _list(answer.headers.get("tus-version", VERSION)):
        return Unfit.VERSION
    if status >= 400 and status not in _AT_ODDS:
        return Refusal(status, _words(answer.body) or f"HTTP {status}")
    return Failure(Why.RUBBISH)


def _words(body: bytes) -> str:
    said = clean(body[:2000].decode("utf-8", "replace"))
    return "" if said.startswith(("<", "{")) else said


def _is_plain(reply: Hashed) -> bool:
    return reply.headers.get("content-encoding", "identity") == "identity"


def _list(said: str) -> list[str]:
    return [one for one in re.split(r"[,\s]+", said[:2000]) if one]


def _number(said: str) -> int | None:
    return int(said) if _NUMBER.fullmatch(said) else None
