"""The work itself as FHIR R4: who does it, and how it goes with a family. The whitelist goes on here."""

from datetime import date

from vigfield.model import Ending, Family, Field, Intervention, Policy, Practitioner
from vigfield.sync.same import Resource
from vigfield.sync.spelling import name, patient_ref, resource

ROLE = "urn:vigfield:extension:role"
ENDING = "urn:vigfield:extension:ending-reason"

STRICT = Policy()


def practitioner(owner: Practitioner, policy: Policy = STRICT) -> Resource:
    """Whose vault it is: an id and a role; the name where policy lists it."""
    return resource(
        "Practitioner",
        owner.id,
        {
            "extension": [{"url": ROLE, "valueCode": owner.role.value}],
            "active": True,
            **name(owner.name, Field.PRACTITIONER_NAME, policy),
        },
    )


def episode(family: Family, begun: date | None, policy: Policy = STRICT) -> Resource:
    """The work with a family, under the infant's id: how far it is; why it ended where policy lists that.

    `begun` is the day of the first session that took place, None before it.
    """
    work = family.intervention
    return resource(
        "EpisodeOfCare",
        family.infant.id,
        {
            **_reason(work.ending, policy),
            "status": _status(begun, work.ended),
            "patient": patient_ref(family.infant.id),
            **_period(begun, work),
        },
    )


def _status(begun: date | None, ended: date | None) -> str:
    """Says nothing about why it ended: what never began was cancelled, all else is finished."""
    if ended is None:
        return "planned" if begun is None else "active"
    return "cancelled" if begun is None else "finished"


def _period(begun: date | None, work: Intervention) -> Resource:
    start, end = begun, work.ended
    if start is not None and end is not None and end < start:
        start = None  # FHIR knows no time that ends before it begins
    days = {"start": start, "end": end}
    period = {which: day.isoformat() for which, day in days.items() if day is not None}
    return {"period": period} if period else {}


def _reason(ending: Ending | None, policy: Policy) -> Resource:
    if ending is None or Field.ENDING_REASON not in policy.fields:
        return {}
    return {"extension": [{"url": ENDING, "valueCode": ending.value}]}
