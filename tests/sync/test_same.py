"""A server's way of writing is no change; anybody's edit is."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sync.examples import family, recording, resources, session
from vigfield.sync import Resource, fhir
from vigfield.sync.same import same, stamped, untouched

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.text().filter(lambda name: name != "extension"), JSON, max_size=5)


def as_a_server_keeps_it(resource: Resource) -> Resource:
    kept: Resource = json.loads(json.dumps(resource))
    kept["meta"] |= {"versionId": "9", "lastUpdated": "2026-01-01T00:00:00Z", "source": "#abc"}
    return kept


@pytest.mark.parametrize("resource", resources().values(), ids=lambda r: r["resourceType"])
def test_what_a_server_sets_is_no_change(resource: Resource) -> None:
    kept = as_a_server_keeps_it(resource)
    assert same(resource, kept)
    assert untouched(kept)


def test_another_spelling_of_an_instant_or_a_number_is_no_change() -> None:
    visit = fhir.appointment(session, family)
    film = fhir.media(recording, family)
    respelt_visit = {**visit, "start": "2026-03-02T10:30:00+01:00"}
    respelt_film = {**film, "duration": json.loads("20.0400"), "height": 720.0, "note": []}
    assert same(visit, respelt_visit)
    assert untouched(respelt_visit)
    assert same(film, respelt_film)
    assert untouched(respelt_film)


EDITS = [
    lambda r: r.update(status="cancelled"),
    lambda r: r.update(start="2026-03-02T09:31:00.000Z"),
    lambda r: r.update(comment="please come by the back door"),
    lambda r: r["participant"].pop(),
    lambda r: r["meta"]["tag"].append({"code": "restricted"}),
    lambda r: r["meta"].update(security=[{"code": "R"}]),
    lambda r: r.pop("end"),
    lambda r: r["extension"].insert(0, {"url": "urn:other", "valueBoolean": True}),
]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_a_change_and_breaks_the_stamp(edit) -> None:  # type: ignore[no-untyped-def]
    ours = fhir.appointment(session, family)
    theirs = copy.deepcopy(ours)
    edit(theirs)
    assert not same(ours, theirs)
    assert not untouched(theirs)


@pytest.mark.parametrize(
    "extension",
    [None, [], "x", [7], [{"url": "urn:vigfield:extension:stamp"}], {"url": "urn:vigfield:extension:stamp"}],
)
def test_no_stamp_or_a_strange_one_does_not_fit(extension: object) -> None:
    assert not untouched({**fhir.patient(family), "extension": extension})


@given(OBJECTS)
def test_any_object_can_be_stamped_and_compared(resource: Resource) -> None:
    assert untouched(stamped(resource))
    assert same(resource, json.loads(json.dumps(resource)))


@given(OBJECTS, JSON)
def test_any_new_field_breaks_the_stamp_unless_it_is_empty(resource: Resource, value: object) -> None:
    edited = {**stamped(resource), "a field nobody has": value}
    empty = same({"x": value}, {})
    assert untouched(edited) is empty
