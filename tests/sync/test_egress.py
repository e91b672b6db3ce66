"""The gate: every kind of record, what of it leaves, and when nothing of it does."""

from dataclasses import replace
from typing import get_args

import pytest

from tests.sync.examples import MOTHER, consent, family, recording, resources, session, upload
from vigfield.model import Field, Kind, Policy, RecordingState
from vigfield.sync import egress
from vigfield.sync.egress import Reason, Record, Rule, Withheld, gate
from vigfield.sync.spelling import TYPES

STRICT = Policy()
EVERYTHING = Policy(fields=frozenset(Field))
RECORDS: dict[Kind, Record] = {
    Kind.INFANT: egress.Infant(family),
    Kind.CAREGIVER: egress.Caregiver(family, MOTHER),
    Kind.SESSION: egress.Planned(session, family),
    Kind.VISIT: egress.Visit(session, family),
    Kind.CONSENT: egress.Agreed(consent, family),
    Kind.RECORDING: egress.Film(recording, family),
    Kind.COPY: egress.Copy(recording, family, upload),
}
RESTS_ON_CONSENT = {Kind.CONSENT, Kind.RECORDING, Kind.COPY}


def test_there_is_a_record_of_every_kind() -> None:
    assert {type(record) for record in RECORDS.values()} == set(get_args(Record))
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
