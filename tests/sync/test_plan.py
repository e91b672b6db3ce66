"""Batches are small enough, keep every put once, and never refer forward."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.sync.examples import patient_put, puts
from vigfield.model import Kind
from vigfield.sync import Put, plan
from vigfield.sync.plan import MOST_ENTRIES, bundle, halves, targets

NUMBERS = st.integers(min_value=0, max_value=130)


@given(st.permutations(puts()), NUMBERS)
def test_no_reference_comes_before_its_target(some: list[Put], more: int) -> None:
    given_puts = [*some, *(patient_put(number) for number in range(more))]
    batches = plan(given_puts)
    sent: set[str] = set()
    for put in (put for batch in batches for put in batch):
        assert sent.issuperset(targets(put.resource))
        sent.add(put.address)
    assert sorted(sent) == sorted(put.address for put in given_puts)
    assert all(1 <= len(batch) <= MOST_ENTRIES for batch in batches)
    assert len(batches) == -(-len(given_puts) // MOST_ENTRIES)


def test_references_are_really_found() -> None:
    found = {put.kind: set(targets(put.resource)) for put in puts()}
    assert {kind: len(addresses) for kind, addresses in found.items()} == {
        Kind.PRACTITIONER: 0,
        Kind.INFANT: 0,
        Kind.CAREGIVER: 1,
        Kind.EPISODE: 1,
        Kind.SESSION: 2,
        Kind.VISIT: 4,
        Kind.CONSENT: 2,
        Kind.RECORDING: 2,
        Kind.COPY: 3,
        Kind.STILL: 2,
        Kind.EVENT: 2,
    }


@given(st.integers(min_value=2, max_value=50))
def test_halves_keep_order_and_are_both_smaller(count: int) -> None:
    batch = tuple(patient_put(number) for number in range(count))
    first, second = halves(batch)
    assert first + second == batch
    assert abs(len(first) - len(second)) <= 1


def test_a_bundle_asks_for_the_version_it_replaces_only_when_there_is_one() -> None:
    made = json.loads(bundle("https://fhir.example/r4", (patient_put(1), patient_put(2, etag='W/"7"'))))
    assert made["type"] == "transaction"
    assert [(entry["fullUrl"], entry["request"]) for entry in made["entry"]] == [
        ("https://fhir.example/r4/Patient/infant-1", {"method": "PUT", "url": "Patient/infant-1"}),
        (
            "https://fhir.example/r4/Patient/infant-2",
            {"method": "PUT", "url": "Patient/infant-2", "ifMatch": 'W/"7"'},
        ),
    ]
    assert [entry["resource"] for entry in made["entry"]] == [
        patient_put(1).resource,
        patient_put(2).resource,
    ]
