"""Practitioner and episode, field by field; and each field that only a policy adds, where it adds it."""

import dataclasses
import json
from collections.abc import Callable
from datetime import date

import pytest

from tests.sync.examples import BEGUN, INFANT, MOTHER, family, owner, session
from tests.sync.test_fhir import problems, unstamped
from vigfield.model import Ending, Family, Field, Intervention, Place, Policy, SessionKind, SessionStatus
from vigfield.sync import Resource, fhir, fhir_work
from vigfield.sync.same import untouched

META = {"tag": [{"system": "urn:vigfield", "code": "vigfield"}]}
ENDED = date(2026, 6, 1)
change = dataclasses.replace


def ending(why: Ending | None, ended: date | None = ENDED) -> Family:
    return change(family, intervention=Intervention(3, ended, why, "a note"))


in_room = change(session, place=Place.ROOM, room="Bluebell parlour")
cancelled = change(session, status=SessionStatus.CANCELLED, reason="chickenpox")
reachable = change(
    family, caregivers=tuple(change(one, contact="0131 496 0719") for one in family.caregivers)
)
BY_POLICY: dict[Field, tuple[Callable[[Policy], Resource], str]] = {
    Field.INFANT_NAME: (lambda policy: fhir.patient(family, policy), "Ailsa"),
    Field.BIRTH_DATE: (lambda policy: fhir.patient(family, policy), "2025-03"),
    Field.CAREGIVER_NAME: (lambda policy: fhir.related_person(family, MOTHER, policy), "Morag"),
    Field.CAREGIVER_CONTACT: (lambda policy: fhir.related_person(reachable, MOTHER, policy), "0131 496 0719"),
    Field.PRACTITIONER_NAME: (lambda policy: fhir_work.practitioner(owner, policy), "Ottoline"),
    Field.ROOM: (lambda policy: fhir.appointment(in_room, family, policy), "Bluebell parlour"),
    Field.CANCEL_REASON: (lambda policy: fhir.appointment(cancelled, family, policy), "chickenpox"),
    Field.ENDING_REASON: (
        lambda policy: fhir_work.episode(ending(Ending.MOVED_AWAY), BEGUN, policy),
        "moved-away",
    ),
}


@pytest.mark.parametrize("field", Field)
def test_a_field_goes_where_its_policy_lists_it_and_only_then(field: Field) -> None:
    make, text = BY_POLICY[field]
    for listed in Field:
        made = make(Policy(fields=frozenset({listed})))
        assert (text in json.dumps(made)) == (listed is field)
        assert problems(made) == []
        assert untouched(made)
    assert text not in json.dumps(make(Policy()))


def test_practitioner_field_by_field() -> None:
    assert unstamped(fhir_work.practitioner(owner)) == {
        "resourceType": "Practitioner",
        "id": owner.id,
        "meta": META,
        "extension": [{"url": "urn:vigfield:extension:role", "valueCode": "practitioner"}],
        "active": True,
    }


def test_episode_field_by_field() -> None:
    assert unstamped(fhir_work.episode(ending(Ending.MOVED_AWAY), BEGUN)) == {
        "resourceType": "EpisodeOfCare",
        "id": INFANT,
        "meta": META,
        "status": "finished",
        "patient": {"reference": f"Patient/{INFANT}"},
        "period": {"start": "2026-03-02", "end": "2026-06-01"},
    }


@pytest.mark.parametrize("why", Ending)
@pytest.mark.parametrize("begun", [None, BEGUN])
def test_how_far_the_work_is_says_nothing_about_why_it_ended(why: Ending, begun: date | None) -> None:
    before = fhir_work.episode(ending(None, None), begun)
    after = fhir_work.episode(ending(why), begun)
    assert (before["status"], after["status"]) == (
        ("planned", "cancelled") if begun is None else ("active", "finished")
    )
    assert after == fhir_work.episode(ending(Ending.COMPLETED), begun)
    assert problems(before) == problems(after) == []


def test_work_that_ended_on_a_day_before_its_first_session_has_no_first_day() -> None:
    made = fhir_work.episode(ending(Ending.OTHER, date(2026, 1, 1)), BEGUN)
    assert made["period"] == {"end": "2026-01-01"}
    assert problems(made) == []


@pytest.mark.parametrize("kind", [SessionKind.SUPERVISION, SessionKind.OTHER])
def test_a_session_of_no_family_field_by_field(kind: SessionKind) -> None:
    planned = change(session, family=None, kind=kind, title="Morag", note="Ailsa", on_camera=())
    made = fhir.own_appointment(planned, owner)
    assert problems(made) == []
    assert unstamped(made) == {
        "resourceType": "Appointment",
        "id": session.id,
        "meta": META,
        "extension": [{"url": "urn:vigfield:extension:place", "valueCode": "home"}],
        "status": "fulfilled",
        "serviceType": [
            {
                "coding": [{"system": "urn:vigfield:session-kind", "code": kind.value}],
                "text": f"Video Interaction Guidance: {kind.value}",
            }
        ],
        "start": "2026-03-02T09:30:00.000Z",
        "end": "2026-03-02T10:30:00.000Z",
        "participant": [{"actor": {"reference": f"Practitioner/{owner.id}"}, "status": "accepted"}],
    }


def test_what_a_place_elsewhere_is_called_may_be_an_address_and_stays() -> None:
    elsewhere = change(in_room, place=Place.ELSEWHERE)
    made = fhir.appointment(elsewhere, family, Policy(fields=frozenset(Field)))
    assert in_room.room not in json.dumps(made)


def test_a_visit_of_no_cycle_says_none() -> None:
    made = fhir.encounter(change(session, cycle=0), family, owner)
    assert "urn:vigfield:extension:cycle" not in json.dumps(made)
    assert problems(made) == []
