"""How a run to the service ended."""

from dataclasses import dataclass
from datetime import datetime

from vigfield import clock
from vigfield.app.uploading import FilmsSent
from vigfield.sync import Why


@dataclass(frozen=True, slots=True)
class NeverRun:
    """No run has ended since the vault was opened."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run came to its end: how many items the service acknowledged, refused, or holds differently.

    `held` is how many were held back here, and wait. The log is counted apart: `logged` is how many of its
    entries the service acknowledged. `films` is how many sealed films it has now that it did not have before.
    """

    at: datetime
    sent: int
    refused: int
    conflicts: int
    held: int = 0
    logged: int = 0
    films: int = 0


@dataclass(frozen=True, slots=True)
class PutOff:
    """The service could not be told now, and why; everything that was not sent still waits.

    `after` is for how many seconds the service asks to be left alone; 0 when it does not.
    """

    at: datetime
    why: str
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class NoService:
    """This vault has no service to tell."""


Run = NeverRun | Ended | PutOff | NoService


def both(first: Run, then: Run, films: FilmsSent) -> Run:
    """How a run ended that sent films in between; what was put off is said first."""
    match first, then:
        case Ended(), Ended(at, sent, refused, conflicts, held, logged) if films.why is None:
            more = (first.sent + sent, first.refused + refused, first.conflicts + conflicts)
            return Ended(at, *more, held, first.logged + logged, films.arrived)
        case Ended(), Ended():
            return PutOff(clock.now(), films.why or Why.AWAY, films.after)
        case _:
            return first if isinstance(first, PutOff) else then
