"""What a person has filled in, and what is wrong with it, field by field."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import singledispatch
from typing import assert_never

from vigfield import clock
from vigfield.model import (
    DrawnSignature,
    FamilyId,
    Footing,
    FormRef,
    PersonId,
    Place,
    Relationship,
    Scope,
    SessionId,
    SessionKind,
    Signature,
    TypedSignature,
)

LONGEST_NAME = 200
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,23}")
_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
_JOINERS = "\u200c\u200d"  # letters of Persian, Hindi and other names need them


@dataclass(frozen=True, slots=True)
class Invalid:
    """What is wrong, as field -> fault; `ui.words` has the sentence for each fault."""

    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FamilyDraft:
    """A new family: its code, one caregiver, the infant with the month of birth (`YYYY-MM`)."""

    code: str
    caregiver: str
    relationship: Relationship
    infant: str
    birth_month: str


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """A new session; `starts` is aware."""

    family: FamilyId
    kind: SessionKind
    starts: datetime
    minutes: int
    place: Place
    room: str
    cycle: int


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """A filled-in consent form; `session` limits it to one session, empty covers all of the family's."""

    family: FamilyId
    session: SessionId | None
    given_by: PersonId
    footing: Footing
    agreed: frozenset[Scope]
    on_camera: tuple[PersonId, ...]
    also_present: str
    valid_until: date
    form: FormRef
    signature: Signature


@singledispatch
def faults(draft: object) -> dict[str, str]:
    """Field -> fault for everything wrong with a draft; empty when it can be kept."""
    raise TypeError(type(draft).__name__)


@faults.register
def _(draft: FamilyDraft) -> dict[str, str]:
    found: dict[str, str] = {}
    if not _CODE.fullmatch(draft.code.strip()):
        found["code"] = "code"
    for field, name in (("caregiver", draft.caregiver), ("infant", draft.infant)):
        if fault := _name_fault(name):
            found[field] = fault
    if fault := _month_fault(draft.birth_month):
        found["birth_month"] = fault
    return found


@faults.register
def _(draft: SessionDraft) -> dict[str, str]:
    found: dict[str, str] = {}
    if not 5 <= draft.minutes <= 24 * 60:
        found["minutes"] = "minutes"
    if not 1 <= draft.cycle <= 99:
        found["cycle"] = "cycle"
    if draft.place is Place.ROOM and (fault := _name_fault(draft.room)):
        found["room"] = fault
    return found


@faults.register
def _(draft: ConsentDraft) -> dict[str, str]:
    found: dict[str, str] = {}
    if not draft.agreed:
        found["scopes"] = "nothing"
    if draft.valid_until < clock.today():
        found["valid_until"] = "past"
    if fault := _signature_fault(draft.signature):
        found["signature"] = fault
    return found


def _name_fault(name: str) -> str:
    text = name.strip()
    if not text.strip(_JOINERS):
        return "missing"
    if len(text) > LONGEST_NAME:
        return "long"
    return "" if all(map(_shows, text)) else "control"


def _shows(letter: str) -> bool:
    """Whether a character belongs in a name: not one that controls, turns or breaks what stands around it."""
    return letter.isprintable() or letter in _JOINERS or unicodedata.category(letter) == "Zs"


def _month_fault(month: str) -> str:
    if not _MONTH.fullmatch(month):
        return "month"
    return "future" if month > f"{clock.today():%Y-%m}" else ""


def _signature_fault(signature: Signature) -> str:
    match signature:
        case TypedSignature(name):
            return _name_fault(name)
        case DrawnSignature(strokes):
            return "" if any(len(stroke) > 1 for stroke in strokes) else "no-strokes"
        case _:
            assert_never(signature)
