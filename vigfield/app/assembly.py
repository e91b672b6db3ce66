"""Putting together what can be done while a vault is open."""

from collections.abc import Callable
from dataclasses import dataclass

from vigfield.app.calendar_files import CalendarFiles
from vigfield.app.checkup import Checkup
from vigfield.app.connection import Connection
from vigfield.app.consenting import Consenting
from vigfield.app.diary import Diary
from vigfield.app.door import Door
from vigfield.app.enrolling import Enrolling
from vigfield.app.erasing import Erasing
from vigfield.app.filming import Filming, Running
from vigfield.app.inforce import InForce
from vigfield.app.keeping import Keeping
from vigfield.app.keys import Keys
from vigfield.app.opened import Opened
from vigfield.app.people import People
from vigfield.app.playing import Playing
from vigfield.app.practice import Practice
from vigfield.app.pulling import Withdraw
from vigfield.app.reminding import Reminding
from vigfield.app.rig import Rig
from vigfield.app.shelf import Shelf
from vigfield.app.states import PageWords, Work
from vigfield.app.telling import Telling
from vigfield.app.uploading import Uploading


@dataclass(frozen=True, slots=True)
class Parts:
    """What there is before the vault's verbs are made."""

    inforce: InForce
    enrolling: Enrolling
    connection: Connection
    rig: Rig
    door: Door
    words: PageWords


@dataclass(frozen=True, slots=True)
class Calls:
    """How the verbs reach the app: to take consent back, when a film begins or ends, and on any change."""

    withdraw: Withdraw
    film_changed: Callable[[], None]
    changed: Callable[[], None]


def assembled(opened: Opened, parts: Parts, calls: Calls, recovered: int) -> Work:
    """Everything that can be done while the vault is open."""
    inforce, enrolling = parts.inforce, parts.enrolling
    playing = Playing(opened, parts.words.player)
    filming = Filming(opened, inforce, parts.rig, parts.words.capture, calls.film_changed)
    uploading = Uploading(
        opened, enrolling, parts.connection, lambda: isinstance(filming.state, Running), calls.changed
    )
    telling = Telling(
        opened,
        enrolling,
        parts.connection,
        uploading=uploading,
        withdraw=calls.withdraw,
        changed=calls.changed,
    )
    return Work(
        practice=Practice(opened),
        people=People(opened),
        diary=Diary(opened),
        consenting=Consenting(opened, inforce),
        keeping=Keeping(opened, inforce),
        reminding=Reminding(opened, inforce),
        files=CalendarFiles(opened, inforce),
        filming=filming,
        playing=playing,
        enrolling=enrolling,
        uploading=uploading,
        telling=telling,
        erasing=Erasing(opened, playing),
        shelf=Shelf(opened),
        checkup=Checkup(opened),
        rig=parts.rig,
        keys=Keys(opened, parts.door),
        recovered=recovered,
    )
