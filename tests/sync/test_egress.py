"""The gate: every kind of record, what of it leaves, and when nothing of it does."""

from dataclasses import replace
from typing import get_args

import pytest

from tests.sync.examples import (
    BEGUN,
    EVENT,
    MOTHER,
    consent,
    family,
    owner,
    recording,
    resources,
    session,
    still,
    upload,
)
from vigfield.model import Field, Kind, Policy, RecordingState, SessionKind
from vigfield.sync import egress
from vigfield.sync.egress import Reason, Record, Rule, Withheld, gate
from vigfield.sync.spelling import TYPES

STRICT = Policy()
EVERYTHING = Policy(fields=frozenset(Field))
RECORDS: dict[Kind, Record] = {
    Kind.PRACTITIONER: egress.Owner(owner),
    Kind.INFANT: egress.Infant(family),
    Kind.CAREGIVER: egress.Caregiver(family, MOTHER),
    Kind.EPISODE: egress.Episode(family, BEGUN),
    Kind.SESSION: egress.Planned(session, family),
    Kind.VISIT: egress.Visit(session, family, owner),
    Kind.CONSENT: egress.Agreed(consent, family),
    Kind.RECORDING: egress.Film(recording, family),
    Kind.COPY: egress.Copy(recording, family, upload),
    Kind.STILL: egress.Kept(still, family),
    Kind.EVENT: egress.Logged(EVENT, still.kept, "still-kept", f"Media/{recording.id}", owner),
}
RESTS_ON_CONSENT = {Kind.CONSENT, Kind.RECORDING, Kind.COPY, Kind.STILL}


def test_there_is_a_record_of_every_kind() -> None:
    assert {*map(type, RECORDS.values()), egress.Own} == set(get_args(Record))
    assert set(RECORDS) == set(Kind) == set(TYPES)


@pytest.mark.parametrize("kind", RECORDS)
def test_what_the_rule_allows_leaves_as_it_is_listed(kind: Kind) -> None:
    found = gate(RECORDS[kind], STRICT, Rule.ALLOWS)
    assert found == resources()[kind]
    assert not isinstance(found, Withheld)
    assert found["resourceType"] == TYPES[kind]


@pytest.mark.parametrize("rule", [Rule.NOT_ASKED, Rule.REFUSES])
@pytest.mark.parametrize("policy", [STRICT, EVERYTHING], ids=["strict", "everything"])
@pytest.mark.parametrize("kind", RECORDS)
def test_what_rests_on_a_consent_stays_unless_the_rule_was_asked_and_allows_it(
    kind: Kind, policy: Policy, rule: Rule
) -> None:
    stays = isinstance(gate(RECORDS[kind], policy, rule), Withheld)
    assert stays == (kind in RESTS_ON_CONSENT)


def test_a_film_that_is_being_made_stays() -> None:
    open_ = egress.Film(replace(recording, state=RecordingState.OPEN), family)
    assert gate(open_, EVERYTHING, Rule.ALLOWS) == Withheld(Reason.FILMING)


def test_supervision_leaves_without_its_title_and_what_a_calendar_file_brought_stays() -> None:
    planned = replace(session, family=None, kind=SessionKind.SUPERVISION, title="About Morag", note="Ailsa")
    found = gate(egress.Own(planned, owner), EVERYTHING)
    assert not isinstance(found, Withheld)
    assert found["participant"] == [
        {"actor": {"reference": f"Practitioner/{owner.id}"}, "status": "accepted"}
    ]
    assert [word for word in ("Morag", "Ailsa") if word in str(found)] == []
    brought = replace(planned, kind=SessionKind.OTHER, uid="dentist@example")
    assert gate(egress.Own(brought, owner), EVERYTHING) == Withheld(Reason.PRIVATE)
    assert not isinstance(gate(egress.Own(replace(brought, uid=""), owner), STRICT), Withheld)
