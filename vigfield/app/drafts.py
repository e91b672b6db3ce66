"""What a person has filled in, and what is wrong with it, field by field."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import singledispatch
from typing import assert_never

from vigfield import clock
from vigfield.model import (
    OF_A_FAMILY,
    ConsentId,
    DrawnSignature,
    Ending,
    FamilyId,
    Footing,
    FormRef,
    HoldKind,
    PersonId,
    Place,
    Referral,
    Relationship,
    Responsibility,
    Scope,
    SessionId,
    SessionKind,
    Signature,
    TypedSignature,
)

LONGEST_NAME = 200
LONGEST_NOTE = 5000
MOST_CYCLES = 99
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,23}")
_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_JOINERS = "\u200c\u200d"  # letters of Persian, Hindi and other names need them


@dataclass(frozen=True, slots=True)
class Invalid:
    """What is wrong, as field -> fault; `ui.words` has the sentence for each fault."""

    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FamilyDraft:
    """A new family: its code, one caregiver, the infant with its month or day of birth, the referral.

    `even_so` says that a family with such an infant is known, and that this is another one.
    """

    code: str
    caregiver: str
    relationship: Relationship | None
    infant: str
    born: str
    referral: Referral = field(default_factory=Referral)
    even_so: bool = False


@dataclass(frozen=True, slots=True)
class CaregiverDraft:
    """A caregiver as a person has filled it in; every text may be empty but the name.

    Who they are to the infant is asked, never assumed: None where nobody has said it yet.
    """

    name: str
    relationship: Relationship | None
    contact: str = ""
    responsibility: Responsibility = Responsibility.NOT_ASKED
    language: str = ""
    interpreter: bool = False
    under_16: bool = False


@dataclass(frozen=True, slots=True)
class OtherDraft:
    """Somebody else who may be on camera, and who that is."""

    name: str
    who: str
    adult: bool


@dataclass(frozen=True, slots=True)
class DetailsDraft:
    """What is known of a family beside its people."""

    code: str
    infant: str
    born: str
    referral: Referral
    planned_cycles: int
    court_order: str
    local_authority: str


@dataclass(frozen=True, slots=True)
class EndingDraft:
    """The end of the work with a family, and why."""

    day: date
    ending: Ending
    note: str


@dataclass(frozen=True, slots=True)
class HoldDraft:
    """A stop to every destruction, with its reason."""

    kind: HoldKind
    reason: str


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """A session; `starts` is aware. Without `on_camera` it is the infant and every caregiver.

    `even_so` says that the practitioner knows of another session of their own at that time.
    """

    family: FamilyId | None
    kind: SessionKind
    starts: datetime
    minutes: int
    place: Place
    room: str
    cycle: int
    travel: int = 0
    note: str = ""
    on_camera: tuple[PersonId, ...] | None = None
    even_so: bool = False


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """A filled-in consent form; `session` limits it to one session, empty covers all of the family's.

    `amends` is the consent that this is a new version of. `shown` is the form as it was on the screen.
    """

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
    interpreter: str = ""
    practitioner: str = ""
    shown: str = ""
    amends: ConsentId | None = None


@singledispatch
def faults(draft: object) -> dict[str, str]:
    """Field -> fault for everything wrong with a draft; empty when it can be kept."""
    raise TypeError(type(draft).__name__)


@faults.register
def _(draft: FamilyDraft) -> dict[str, str]:
    return _found(
        code=_code_fault(draft.code),
        caregiver=name_fault(draft.caregiver),
        relationship="relationship" if draft.relationship is None else "",
        infant=name_fault(draft.infant),
        born=_born_fault(draft.born),
        **_referral_faults(draft.referral),
    )


@faults.register
def _(draft: DetailsDraft) -> dict[str, str]:
    return _found(
        code=_code_fault(draft.code),
        infant=name_fault(draft.infant),
        born=_born_fault(draft.born),
        planned_cycles="" if 1 <= draft.planned_cycles <= MOST_CYCLES else "cycle",
        court_order=note_fault(draft.court_order),
        local_authority=note_fault(draft.local_authority),
        **_referral_faults(draft.referral),
    )


@faults.register
def _(draft: CaregiverDraft) -> dict[str, str]:
    return _found(
        name=name_fault(draft.name),
        relationship="relationship" if draft.relationship is None else "",
        contact=line_fault(draft.contact),
        language=line_fault(draft.language),
    )


@faults.register
def _(draft: OtherDraft) -> dict[str, str]:
    return _found(name=name_fault(draft.name), who=line_fault(draft.who))


@faults.register
def _(draft: EndingDraft) -> dict[str, str]:
    return _found(day="future" if draft.day > clock.today() else "", note=note_fault(draft.note))


@faults.register
def _(draft: HoldDraft) -> dict[str, str]:
    return _found(reason="missing" if not draft.reason.strip() else note_fault(draft.reason))


@faults.register
def _(draft: SessionDraft) -> dict[str, str]:
    return _found(
        family="family" if draft.family is None and draft.kind in OF_A_FAMILY else "",
        minutes="" if 5 <= draft.minutes <= 24 * 60 else "minutes",
        travel="" if 0 <= draft.travel <= 12 * 60 else "travel",
        cycle="" if 1 <= draft.cycle <= MOST_CYCLES else "cycle",
        room="" if draft.place is Place.HOME else name_fault(draft.room),
        note=note_fault(draft.note),
        on_camera="nobody" if draft.kind in OF_A_FAMILY and draft.on_camera == () else "",
    )


@faults.register
def _(draft: ConsentDraft) -> dict[str, str]:
    return _found(
        scopes="" if draft.agreed else "nothing",
        valid_until="past" if draft.valid_until < clock.today() else "",
        signature=_signature_fault(draft.signature),
        present=note_fault(draft.also_present),
        interpreter=line_fault(draft.interpreter),
    )


def name_fault(name: str) -> str:
    """What is wrong with a name; nothing for a name in any script."""
    return line_fault(name) if name.strip().strip(_JOINERS) else "missing"


def line_fault(text: str) -> str:
    """What is wrong with one line of text, which may be empty."""
    line = text.strip()
    if len(line) > LONGEST_NAME:
        return "long"
    return "" if all(map(_shows, line)) else "control"


def note_fault(text: str) -> str:
    """What is wrong with a text of several lines, which may be empty."""
    if len(text) > LONGEST_NOTE:
        return "long-note"
    return "" if all(_shows(letter) or letter in "\n\t" for letter in text) else "control"


def _found(**faults_: str) -> dict[str, str]:
    return {field_: fault for field_, fault in faults_.items() if fault}


def _referral_faults(referral: Referral) -> dict[str, str]:
    day = referral.received
    return {
        "source": line_fault(referral.source),
        "received": "future" if day is not None and day > clock.today() else "",
        "reason": note_fault(referral.reason),
        "question": note_fault(referral.question),
    }


def _code_fault(code: str) -> str:
    return "" if _CODE.fullmatch(code.strip()) else "code"


def _shows(letter: str) -> bool:
    """Whether a character belongs in a name: not one that controls, turns or breaks what stands around it."""
    return letter.isprintable() or letter in _JOINERS or unicodedata.category(letter) == "Zs"


def _born_fault(born: str) -> str:
    """`2024-02` and `2024-02-29` are right; a month or a day that is still to come is not."""
    if _MONTH.fullmatch(born):
        return "future" if born > f"{clock.today():%Y-%m}" else ""
    if not _DAY.fullmatch(born):
        return "month"
    try:
        return "future" if date.fromisoformat(born) > clock.today() else ""
    except ValueError:
        return "no-such-day"


def _signature_fault(signature: Signature) -> str:
    match signature:
        case TypedSignature(name):
            return name_fault(name)
        case DrawnSignature(strokes):
            return "" if any(len(stroke) > 1 for stroke in strokes) else "no-strokes"
        case _:
            assert_never(signature)
