"""The use cases: the only package that knows more than one part, and the holder of the one key."""

from vigfield.app.app import App
from vigfield.app.checkup import Health
from vigfield.app.door import Door, NoReply, Renewed, Throttled, TooWeak, Wrong
from vigfield.app.doors import Doors, Entry
from vigfield.app.drafts import ConsentDraft, FamilyDraft, Invalid, SessionDraft
from vigfield.app.erasing import Erasable, Erasure
from vigfield.app.filming import FilmLink, Idle, Running
from vigfield.app.keys import Keys, recipient_from
from vigfield.app.playing import PlayLink
from vigfield.app.practice import FamilyPage, Practice, Step, Visit
from vigfield.app.rig import Picture
from vigfield.app.states import Choosing, Covered, Fresh, Locked, Open, PageWords, State, Work
from vigfield.app.strength import Strength, Verdict, judge
from vigfield.app.telling import Ended, NeverRun, NoService, PutOff, Run
from vigfield.doctor import Finding, Level, Said
from vigfield.seal import PublicKey, Request

__all__ = [
    "App",
    "Choosing",
    "ConsentDraft",
    "Covered",
    "Door",
    "Doors",
    "Ended",
    "Entry",
    "Erasable",
    "Erasure",
    "FamilyDraft",
    "FamilyPage",
    "FilmLink",
    "Finding",
    "Fresh",
    "Health",
    "Idle",
    "Invalid",
    "Keys",
    "Level",
    "Locked",
    "NeverRun",
    "NoReply",
    "NoService",
    "Open",
    "PageWords",
    "Picture",
    "PlayLink",
    "Practice",
    "PublicKey",
    "PutOff",
    "Renewed",
    "Request",
    "Run",
    "Running",
    "Said",
    "SessionDraft",
    "State",
    "Step",
    "Strength",
    "Throttled",
    "TooWeak",
    "Verdict",
    "Visit",
    "Work",
    "Wrong",
    "judge",
    "recipient_from",
]
