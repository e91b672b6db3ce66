"""The use cases: the only package that knows more than one part, and the holder of the one key."""

from vigfield.app.app import App
from vigfield.app.calendar_files import Action
from vigfield.app.calendar_files import Plan as FilePlan
from vigfield.app.calendar_files import Step as FileStep
from vigfield.app.checkup import Health
from vigfield.app.connection import Connection
from vigfield.app.consenting import EVERYTHING, Consenting, Given, Signed, Standing
from vigfield.app.consequences import Consequences
from vigfield.app.deciding import Two
from vigfield.app.diary import Diary, Proposal, Span
from vigfield.app.diary import Entry as DiaryEntry
from vigfield.app.door import Door, NoReply, Renewed, Throttled, TooWeak, Wrong
from vigfield.app.doors import Doors, Entry
from vigfield.app.drafts import (
    CaregiverDraft,
    ConsentDraft,
    DetailsDraft,
    EndingDraft,
    FamilyDraft,
    HoldDraft,
    Invalid,
    OtherDraft,
    SessionDraft,
    name_fault,
)
from vigfield.app.draining import Progress
from vigfield.app.enrolling import Enrolling, PolicyNews
from vigfield.app.erasing import Erasable, Erasure
from vigfield.app.filming import FilmLink, Idle, Running
from vigfield.app.keeping import Item, Keeping, Kept
from vigfield.app.keys import Keys, recipient_from
from vigfield.app.leaving import Listed, NextRun
from vigfield.app.paperwork import agrees, facts, form_of
from vigfield.app.people import People, Seen
from vigfield.app.playing import PlayLink
from vigfield.app.practice import FamilyPage, Practice, Step, Visit
from vigfield.app.pulling import News
from vigfield.app.reminding import Reminders, Reminding
from vigfield.app.rig import Picture
from vigfield.app.runs import Ended, NeverRun, NoService, PutOff, Run
from vigfield.app.states import Choosing, Covered, Fresh, Locked, Open, PageWords, State, Work
from vigfield.app.strength import Strength, Verdict, judge
from vigfield.app.uploading import OnItsWay
from vigfield.app.uploading import Standing as FilmStanding
from vigfield.doctor import Finding, Level, Said
from vigfield.seal import PublicKey, Request
from vigfield.store.audit import Event, Happening
from vigfield.store.families import Found
from vigfield.store.handed import Handed
from vigfield.sync.capability import Capability
from vigfield.sync.egress import Reason as Withheld
from vigfield.sync.enrolment import Enrolment, NotEnrolled
from vigfield.sync.enrolment import Why as NotTaken
from vigfield.sync.policy import NoPolicy

__all__ = [
    "EVERYTHING",
    "Action",
    "App",
    "Capability",
    "CaregiverDraft",
    "Choosing",
    "Connection",
    "ConsentDraft",
    "Consenting",
    "Consequences",
    "Covered",
    "DetailsDraft",
    "Diary",
    "DiaryEntry",
    "Door",
    "Doors",
    "Ended",
    "EndingDraft",
    "Enrolling",
    "Enrolment",
    "Entry",
    "Erasable",
    "Erasure",
    "Event",
    "FamilyDraft",
    "FamilyPage",
    "FilePlan",
    "FileStep",
    "FilmLink",
    "FilmStanding",
    "Finding",
    "Found",
    "Fresh",
    "Given",
    "Handed",
    "Happening",
    "Health",
    "HoldDraft",
    "Idle",
    "Invalid",
    "Item",
    "Keeping",
    "Kept",
    "Keys",
    "Level",
    "Listed",
    "Locked",
    "NeverRun",
    "News",
    "NextRun",
    "NoPolicy",
    "NoReply",
    "NoService",
    "NotEnrolled",
    "NotTaken",
    "OnItsWay",
    "Open",
    "OtherDraft",
    "PageWords",
    "People",
    "Picture",
    "PlayLink",
    "PolicyNews",
    "Practice",
    "Progress",
    "Proposal",
    "PublicKey",
    "PutOff",
    "Reminders",
    "Reminding",
    "Renewed",
    "Request",
    "Run",
    "Running",
    "Said",
    "Seen",
    "SessionDraft",
    "Signed",
    "Span",
    "Standing",
    "State",
    "Step",
    "Strength",
    "Throttled",
    "TooWeak",
    "Two",
    "Verdict",
    "Visit",
    "Withheld",
    "Work",
    "Wrong",
    "agrees",
    "facts",
    "form_of",
    "judge",
    "name_fault",
    "recipient_from",
]
