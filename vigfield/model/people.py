"""The people the work is about: a family, who is in it, how they came, and how the work with them goes."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

FamilyId = NewType("FamilyId", str)
PersonId = NewType("PersonId", str)
PractitionerId = NewType("PractitionerId", str)

USUAL_CYCLES = 3


class Role(StrEnum):
    """What a practitioner is to the work."""

    TRAINEE = "trainee"
    PRACTITIONER = "practitioner"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Whose vault it is. Nobody is asked for the role yet."""

    id: PractitionerId
    name: str = ""
    role: Role = Role.PRACTITIONER


class Relationship(StrEnum):
    """What a caregiver is to the infant."""

    MOTHER = "mother"
    FATHER = "father"
    GRANDPARENT = "grandparent"
    FOSTER_CARER = "foster-carer"
    GUARDIAN = "guardian"
    OTHER = "other"


class Responsibility(StrEnum):
    """Whether a caregiver has parental responsibility, and what it rests on; nothing is assumed."""

    NOT_ASKED = "not-asked"
    NONE = "none"
    BIRTH = "birth"
    MARRIAGE = "marriage"
    BIRTH_REGISTER = "birth-register"
    AGREEMENT = "agreement"
    COURT_ORDER = "court-order"
    ADOPTION = "adoption"
    GUARDIANSHIP = "guardianship"


@dataclass(frozen=True, slots=True)
class Caregiver:
    """An adult who looks after the infant and may be on camera. `language` is as they would say it."""

    id: PersonId
    family: FamilyId
    name: str
    relationship: Relationship
    contact: str = ""
    responsibility: Responsibility = Responsibility.NOT_ASKED
    language: str = ""
    interpreter: bool = False
    under_16: bool = False


@dataclass(frozen=True, slots=True)
class Infant:
    """The child the work is about; the subject of the record. `born` is `YYYY-MM` or `YYYY-MM-DD`."""

    id: PersonId
    family: FamilyId
    name: str
    born: str


@dataclass(frozen=True, slots=True)
class OtherPerson:
    """Somebody else who may be on camera; a child among them cannot consent for itself."""

    id: PersonId
    family: FamilyId
    name: str
    who: str
    adult: bool


@dataclass(frozen=True, slots=True)
class Referral:
    """How the family came: from whom, when, why, and the caregiver's own question so far."""

    source: str = ""
    received: date | None = None
    reason: str = ""
    question: str = ""


class Ending(StrEnum):
    """Why the work with a family ended."""

    COMPLETED = "completed"
    FAMILY_STOPPED = "family-stopped"
    MOVED_AWAY = "moved-away"
    NOT_STARTED = "not-started"
    NOT_SUITABLE = "not-suitable"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Intervention:
    """The work with a family: how many cycles are planned, and how it ended if it has."""

    planned_cycles: int = USUAL_CYCLES
    ended: date | None = None
    ending: Ending | None = None
    ending_note: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """One family as the practitioner knows it; `code` is the only identifier that may leave by default.

    `court_order` and `local_authority` say, in words, what limits or shares parental responsibility.
    """

    id: FamilyId
    code: str
    infant: Infant
    caregivers: tuple[Caregiver, ...]
    others: tuple[OtherPerson, ...] = ()
    referral: Referral = field(default_factory=Referral)
    intervention: Intervention = field(default_factory=Intervention)
    court_order: str = ""
    local_authority: str = ""

    @property
    def names(self) -> dict[PersonId, str]:
        """Everybody who may be on camera, the infant first."""
        people: tuple[Infant | Caregiver | OtherPerson, ...] = (self.infant, *self.caregivers, *self.others)
        return {person.id: person.name for person in people}

    @property
    def children(self) -> frozenset[PersonId]:
        """Who cannot consent for themselves: somebody else does."""
        return frozenset({self.infant.id, *(one.id for one in self.others if not one.adult)})
