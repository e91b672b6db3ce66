"""What became of one item on its way to the service."""

from dataclasses import dataclass
from enum import StrEnum

from vigfield.model import Kind
from vigfield.sync.plan import Put
from vigfield.sync.same import Resource


class Why(StrEnum):
    """Why an item has to wait. The person's sentence for each is in `ui.words`."""

    AWAY = "away"  # no connection, or it broke before the reply was complete
    SLOW = "slow"  # no complete reply in time, or asked to come back later
    RUBBISH = "rubbish"  # a reply that no FHIR server gives: a portal's page, a redirect, a flood
    SERVER_ERROR = "server-error"  # the server says that it failed
    NOT_ALLOWED = "not-allowed"  # the server does not let this tablet in
    UNTRUSTED = "untrusted"  # the server's certificate does not verify
    DATE = "date"  # it does, but not on the date that this tablet has
    WAITS = "waits"  # something it refers to has not been accepted yet


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has this version of ours, and calls it `etag`."""

    kind: Kind
    id: str
    version: int
    etag: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed it: the server now holds `theirs` as `etag`; None when it was deleted there.

    `words` are what the server said when it refused ours.
    """

    kind: Kind
    id: str
    version: int
    words: str
    etag: str
    theirs: Resource | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The server refuses this one item; `words` are its own, cut to 300 characters."""

    kind: Kind
    id: str
    version: int
    words: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not known to have arrived: send it again in a later run, which is harmless if it had.

    `after` is for how many seconds the server asks to be left alone; 0 when it does not.
    """

    kind: Kind
    id: str
    version: int
    why: Why
    after: float = 0.0


Outcome = Accepted | Conflict | Rejected | Later


def accepted(put: Put, etag: str) -> Accepted:
    """The outcome of an acknowledged put."""
    return Accepted(put.kind, put.id, put.version, etag)


def conflict(put: Put, words: str, etag: str, theirs: Resource | None) -> Conflict:
    """The outcome of a put that another person's change stands against."""
    return Conflict(put.kind, put.id, put.version, words, etag, theirs)


def rejected(put: Put, words: str) -> Rejected:
    """The outcome of a put that the server refuses."""
    return Rejected(put.kind, put.id, put.version, words)


def later(put: Put, why: Why, after: float = 0.0) -> Later:
    """The outcome of a put that has to wait."""
    return Later(put.kind, put.id, put.version, why, after)
