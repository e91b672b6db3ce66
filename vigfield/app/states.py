"""What the app can be: nobody's yet, locked, open, or covered while a film goes on."""

from collections.abc import Mapping
from dataclasses import dataclass

from vigfield.app.calendar_files import CalendarFiles
from vigfield.app.checkup import Checkup
from vigfield.app.consenting import Consenting
from vigfield.app.diary import Diary
from vigfield.app.doors import Entry
from vigfield.app.enrolling import Enrolling
from vigfield.app.erasing import Erasing
from vigfield.app.filming import Filming
from vigfield.app.keeping import Keeping
from vigfield.app.keys import Keys
from vigfield.app.people import People
from vigfield.app.playing import Playing
from vigfield.app.practice import Practice
from vigfield.app.reminding import Reminding
from vigfield.app.rig import Rig
from vigfield.app.shelf import Shelf
from vigfield.app.telling import Telling
from vigfield.app.uploading import Uploading


@dataclass(frozen=True, slots=True)
class Choosing:
    """Nobody has said yet whose vault is to be opened, or that a new one is to be made."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Fresh:
    """There is no vault yet."""


@dataclass(frozen=True, slots=True)
class Locked:
    """There is a vault, and nothing of it can be read."""


@dataclass(frozen=True, slots=True)
class Work:
    """What can be done while the vault is open; dropped as a whole when it is locked."""

    practice: Practice
    people: People
    diary: Diary
    consenting: Consenting
    keeping: Keeping
    reminding: Reminding
    files: CalendarFiles
    filming: Filming
    playing: Playing
    enrolling: Enrolling
    uploading: Uploading
    telling: Telling
    erasing: Erasing
    shelf: Shelf
    checkup: Checkup
    rig: Rig
    keys: Keys
    recovered: int


@dataclass(frozen=True, slots=True)
class Open:
    """The vault is open."""

    work: Work


@dataclass(frozen=True, slots=True)
class Covered:
    """A lock was asked for while filming: the film goes on, and everything else is locked."""


State = Choosing | Fresh | Locked | Open | Covered


@dataclass(frozen=True, slots=True)
class PageWords:
    """The sentences that our own pages show, by key."""

    capture: Mapping[str, str]
    player: Mapping[str, str]
