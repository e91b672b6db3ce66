"""The gate: the one place that decides what of a record may leave. Pure; `fhir` lists the fields.

Consent's rule for telling the service is asked by the caller, and comes here as a value.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from vigfield.model import (
    Certificate,
    Consent,
    Family,
    PersonId,
    Policy,
    Practitioner,
    Recording,
    RecordingState,
    Session,
    Still,
    Upload,
)
from vigfield.sync import fhir, fhir_log, fhir_work
from vigfield.sync.document import document
from vigfield.sync.same import Resource


@dataclass(frozen=True, slots=True)
class Owner:
    """The practitioner whose vault it is."""

    practitioner: Practitioner


@dataclass(frozen=True, slots=True)
class Infant:
    """The infant of a family."""

    family: Family


@dataclass(frozen=True, slots=True)
class Caregiver:
    """A caregiver of a family."""

    family: Family
    person: PersonId


@dataclass(frozen=True, slots=True)
class Episode:
    """The work with a family, and the day of its first session that took place."""

    family: Family
    begun: date | None


@dataclass(frozen=True, slots=True)
class Planned:
    """A session of a family, as it was planned."""

    session: Session
    family: Family


@dataclass(frozen=True, slots=True)
class Own:
    """A session of no family: supervision, and what else the practitioner planned."""

    session: Session
    practitioner: Practitioner


@dataclass(frozen=True, slots=True)
class Visit:
    """A session that took place."""

    session: Session
    family: Family
    practitioner: Practitioner


@dataclass(frozen=True, slots=True)
class Agreed:
    """The newest version of a consent."""

    consent: Consent
    family: Family


@dataclass(frozen=True, slots=True)
class Film:
    """A film, and its certificate once it is being erased."""

    recording: Recording
    family: Family
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A sealed film that the service has, and its certificate once it is being erased here."""

    recording: Recording
    family: Family
    upload: Upload
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """That a picture was kept from a film."""

    still: Still
    family: Family


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the log: our word for what happened, and the address of what it is about, or nothing."""

    id: str
    at: datetime
    happened: str
    about: str
    practitioner: Practitioner


Record = Owner | Infant | Caregiver | Episode | Planned | Own | Visit | Agreed | Film | Copy | Kept | Logged


class Rule(StrEnum):
    """What consent's rule says of telling the service of a record."""

    NOT_ASKED = "not-asked"  # nothing of it rests on a consent
    ALLOWS = "allows"
    REFUSES = "refuses"


class Reason(StrEnum):
    """Why a record stays here. The person's sentence for each is in `ui.servicewords`."""

    NO_CONSENT = "no-consent"  # consent's rule refuses, or was not asked
    NO_PICTURES = "no-pictures"  # nobody agrees to pictures now
    FILMING = "filming"  # the film has not ended yet
    PRIVATE = "private"  # of no family, and from a calendar file: it may be anything


@dataclass(frozen=True, slots=True)
class Withheld:
    """The record stays on this tablet for now."""

    reason: Reason


def gate(record: Record, policy: Policy, rule: Rule = Rule.NOT_ASKED) -> Resource | Withheld:
    """What of a record leaves under a policy, or why nothing of it does.

    What rests on a consent leaves only where the rule was asked and allows it.
    """
    match record:
        case Owner(practitioner):
            return fhir_work.practitioner(practitioner, policy)
        case Infant(family):
            return fhir.patient(family, policy)
        case Caregiver(family, person):
            return fhir.related_person(family, person, policy)
        case Episode(family, begun):
            return fhir_work.episode(family, begun, policy)
        case Planned(session, family):
            return fhir.appointment(session, family, policy)
        case Own(session) if session.private:
            return Withheld(Reason.PRIVATE)
        case Own(session, practitioner):
            return fhir.own_appointment(session, practitioner, policy)
        case Visit(session, family, practitioner):
            return fhir.encounter(session, family, practitioner)
        case Agreed() | Film() | Copy() if rule is not Rule.ALLOWS:
            return Withheld(Reason.NO_CONSENT)
        case Agreed(consent, family):
            return fhir.consent(consent, family)
        case Film(recording) if recording.state is RecordingState.OPEN:
            return Withheld(Reason.FILMING)
        case Film(recording, family, certificate):
            return fhir.media(recording, family, certificate)
        case Copy(recording, family, upload, certificate):
            filmed = recording if certificate is None else replace(recording, state=certificate.was)
            return document(filmed, family, upload)
        case Kept() if rule is not Rule.ALLOWS:
            return Withheld(Reason.NO_PICTURES)
        case Kept(still, family):
            return fhir_log.still(still, family)
        case Logged(id_, at, happened, about, practitioner):
            return fhir_log.audit_event(id_, at, happened, about, practitioner)
        case _:
            assert_never(record)
