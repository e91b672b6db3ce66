"""Which screen a place has; every place has one, and the type checker sees to it."""

from typing import assert_never

import flet as ft

from vigfield.ui.hooks import keyed
from vigfield.ui.places import (
    AgreedPlace,
    Calendar,
    CalendarFiles,
    CaregiverPlace,
    CertificatePlace,
    Certificates,
    ConflictPlace,
    ConsentPlace,
    Duties,
    EditSession,
    EndingPlace,
    ErasePlace,
    Families,
    FamilyDetails,
    FamilyPlace,
    FilmPlace,
    GonePlace,
    HoldPlace,
    JoinPlace,
    LeavingPlace,
    NewFamily,
    NewSession,
    OtherPlace,
    PassphrasePlace,
    Place,
    PlanCycles,
    PlayPlace,
    PolicyPlace,
    RecoveryPlace,
    SeenPlace,
    Sending,
    SessionPlace,
    Settings,
    Today,
    WithdrawPlace,
)
from vigfield.ui.screens.agreed import AgreedScreen, WithdrawScreen
from vigfield.ui.screens.calendar import CalendarScreen
from vigfield.ui.screens.calendar_files import CalendarFilesScreen
from vigfield.ui.screens.conflict import ConflictScreen, GoneScreen
from vigfield.ui.screens.consent import ConsentScreen
from vigfield.ui.screens.duties import DutiesScreen, HoldScreen
from vigfield.ui.screens.erase import CertificateScreen, CertificatesScreen, EraseScreen
from vigfield.ui.screens.families import FamiliesScreen
from vigfield.ui.screens.family import FamilyScreen
from vigfield.ui.screens.family_details import EndingScreen, FamilyDetailsScreen
from vigfield.ui.screens.keys import PassphraseScreen, RecoveryScreen
from vigfield.ui.screens.new_family import NewFamilyScreen
from vigfield.ui.screens.new_session import EditSessionScreen, NewSessionScreen
from vigfield.ui.screens.people import CaregiverScreen, OtherScreen
from vigfield.ui.screens.plan import PlanScreen
from vigfield.ui.screens.seen import SeenScreen
from vigfield.ui.screens.sending import SendingScreen
from vigfield.ui.screens.service import JoinScreen, LeavingScreen, PolicyScreen
from vigfield.ui.screens.session import SessionScreen
from vigfield.ui.screens.settings import SettingsScreen
from vigfield.ui.screens.today import TodayScreen

OfAFamily = (
    FamilyPlace
    | FamilyDetails
    | CaregiverPlace
    | OtherPlace
    | EndingPlace
    | SeenPlace
    | HoldPlace
    | PlanCycles
    | AgreedPlace
    | WithdrawPlace
)
OfTheService = Sending | JoinPlace | PolicyPlace | LeavingPlace | GonePlace | ConflictPlace


def screen(place: Place) -> ft.Control:
    """The screen of a place; the camera and the player have a frame of their own around them."""
    match place:
        case Today():
            return keyed("today", TodayScreen)
        case Families():
            return keyed("families", FamiliesScreen)
        case NewFamily():
            return keyed("new-family", NewFamilyScreen)
        case Calendar():
            return keyed("calendar", CalendarScreen, place)
        case CalendarFiles():
            return keyed("calendar-files", CalendarFilesScreen)
        case NewSession():
            return keyed("new-session", NewSessionScreen, place)
        case EditSession(session):
            return keyed(f"edit-session-{session}", EditSessionScreen, place)
        case Duties():
            return keyed("duties", DutiesScreen)
        case SessionPlace(session):
            return keyed(f"session-{session}", SessionScreen, session)
        case ConsentPlace(session):
            return keyed(f"consent-{session}", ConsentScreen, session)
        case ErasePlace(recording):
            return keyed(f"erase-{recording}", EraseScreen, place)
        case CertificatePlace(recording):
            return keyed(f"certificate-{recording}", CertificateScreen, place)
        case Certificates():
            return keyed("certificates", CertificatesScreen)
        case Settings():
            return keyed("settings", SettingsScreen)
        case PassphrasePlace():
            return keyed("passphrase", PassphraseScreen)
        case RecoveryPlace():
            return keyed("recovery", RecoveryScreen)
        case FilmPlace() | PlayPlace():
            return ft.Container()
        case Sending() | JoinPlace() | PolicyPlace() | LeavingPlace() | GonePlace() | ConflictPlace():
            return _of_the_service(place)
        case _:
            return _of_a_family(place)


def _of_the_service(place: OfTheService) -> ft.Control:
    match place:
        case Sending():
            return keyed("sending", SendingScreen)
        case JoinPlace():
            return keyed("join", JoinScreen)
        case PolicyPlace():
            return keyed("policy", PolicyScreen)
        case LeavingPlace():
            return keyed("leaving", LeavingScreen)
        case GonePlace():
            return keyed("gone", GoneScreen)
        case ConflictPlace(kind, id_):
            return keyed(f"conflict-{kind.value}-{id_}", ConflictScreen, place)
        case _:
            assert_never(place)


def _of_a_family(place: OfAFamily) -> ft.Control:
    match place:
        case FamilyPlace(family):
            return keyed(f"family-{family}", FamilyScreen, family)
        case FamilyDetails(family):
            return keyed(f"details-{family}", FamilyDetailsScreen, place)
        case CaregiverPlace(family, person):
            return keyed(f"caregiver-{family}-{person}", CaregiverScreen, place)
        case OtherPlace(family, person):
            return keyed(f"other-{family}-{person}", OtherScreen, place)
        case EndingPlace(family):
            return keyed(f"ending-{family}", EndingScreen, place)
        case SeenPlace(family):
            return keyed(f"seen-{family}", SeenScreen, place)
        case HoldPlace(family):
            return keyed(f"hold-{family}", HoldScreen, place)
        case PlanCycles(family):
            return keyed(f"plan-{family}", PlanScreen, place)
        case AgreedPlace(consent):
            return keyed(f"agreed-{consent}", AgreedScreen, place)
        case WithdrawPlace(consent):
            return keyed(f"withdraw-{consent}", WithdrawScreen, place)
        case _:
            assert_never(place)
