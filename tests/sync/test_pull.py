"""Pulling misses nothing while others write, ends on whatever a server says, and trusts nothing in it."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.examples import consent, family, resources
from tests.sync.servers import Proxy, Say, ask, proxy, reference_service
from vigfield.model import Kind, Scope, SessionKind, SessionStatus
from vigfield.sync import FhirClient, Why, fhir
from vigfield.sync.pull import Changed, pull
from vigfield.sync.pulled import LONGEST_MINUTES, Meeting, Refusal, Room, id_of, meeting, refusal, room
from vigfield.sync.reply import Failure
from vigfield.sync.same import Resource

HEADERS = {"Content-Type": "application/fhir+json"}


def put(base: str, number: int, name: str) -> None:
    location = {"resourceType": "Location", "id": f"room-{number}", "name": name}
    ask(base, "PUT", f"Location/room-{number}", json=location, headers=HEADERS).raise_for_status()


def test_nothing_is_missed_while_somebody_changes_what_was_passed(tmp_path: Path) -> None:
    """After each piece, three that were seen and three that were not are written anew."""
    total = 230

    async def run(base: str) -> tuple[dict[str, str], int]:
        names: dict[str, str] = {}
        pieces = 0
        async with FhirClient(base) as client:
            async for piece in pull(client, "Location", ""):
                assert isinstance(piece, Changed)
                names |= {str(one["id"]): str(one["name"]) for one in piece.resources}
                pieces += 1
                if pieces <= 2:
                    for number in (0, 1, 2, total - 1, total - 2, total - 3):
                        await asyncio.to_thread(put, base, number, f"changed {pieces}")
        return names, pieces

    with reference_service(tmp_path / "service.db") as served:
        for number in range(total):
            put(served.base, number, "as made")
        names, pieces = asyncio.run(run(served.base))
        held = ask(served.base, "GET", "Location?_count=1000").json()["entry"]
    assert names == {one["resource"]["id"]: one["resource"]["name"] for one in held}
    assert len(names) == total
    assert list(names.values()).count("changed 2") == 6
    assert pieces > 2


def page(*resources: Resource, more: bool = False) -> Say:
    link = [{"relation": "next", "url": "http://127.0.0.1:1/elsewhere"}] if more else []
    entries = [{"resource": one} for one in resources]
    bundle = {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entries}
    return Say("200 OK", json.dumps(bundle).encode())


def place(number: int, written: str) -> Resource:
    meta = {"versionId": "1", "lastUpdated": written}
    return {"resourceType": "Location", "id": f"room-{number}", "meta": meta, "name": "x"}


def answered(*says: Say) -> tuple[list[Changed | Failure], Proxy]:
    """What a pull brings from a server that says these things, one for each question."""

    async def run() -> tuple[list[Changed | Failure], Proxy]:
        async with proxy(1, *says) as between, FhirClient(between.base) as client:
            return [piece async for piece in pull(client, "Location", "")], between

    return asyncio.run(run())


def test_no_link_is_followed_and_no_order_is_taken_for_granted() -> None:
    muddled = (place(1, "2026-03-02T10:00:00Z"), place(2, "2026-03-01T10:00:00Z"))
    found, between = answered(page(*muddled, more=True), page(*muddled), page())
    assert [piece.until for piece in found if isinstance(piece, Changed)] == ["2026-03-02T10:00:00Z"]
    asked = [request.partition(b" HTTP")[0].decode() for request in between.seen]
    assert ["_count=1000" in one for one in asked] == [False, True, True]
    assert all("/fhir/Location?" in one for one in asked)


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ((Say("200 OK", b"<html>"),), Why.RUBBISH),
        ((Say("200 OK", b'{"resourceType":"Bundle","type":"history"}'),), Why.RUBBISH),
        ((Say("403 Forbidden"),), Why.NOT_ALLOWED),
        ((Say("400 Bad", b'{"resourceType":"OperationOutcome"}'),), Why.NOT_ALLOWED),
        ((Say("503 Later"),), Why.SERVER_ERROR),
        ((page({"resourceType": "Patient", "id": "a"}),), Why.RUBBISH),
        ((page(place(1, ""), more=True),) * 2, Why.RUBBISH),
        ((page(place(1, "z"), place(2, "a"), more=True),) * 2, Why.RUBBISH),
    ],
)
def test_an_answer_that_cannot_be_trusted_ends_it(says: tuple[Say, ...], why: Why) -> None:
    found, _ = answered(*says)
    assert found == [Failure(why)]


def test_a_server_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigfield.sync.pull.MOST_PAGES", 5)
    found, _ = answered(*(page(place(n, f"2026-03-02T10:00:0{n}Z")) for n in range(5)))
    assert len(found) == 6
    assert found[-1] == Failure(Why.RUBBISH)


def test_our_own_resources_are_read_as_they_were_meant() -> None:
    session = resources()[Kind.SESSION]
    found = meeting(session)
    assert found is not None
    assert (found.status, found.kind) == (SessionStatus.TOOK_PLACE, SessionKind.FILMING)
    assert found.patients == (family.infant.id,)
    off = frozenset(Scope) - consent.agreed
    assert refusal(fhir.consent(consent, family)) == Refusal(consent.id, off)
    assert room({"resourceType": "Location", "id": "a", "name": " Garden \n room "}) == Room(
        "a", "Garden room"
    )


GOOD: Resource = {
    "id": "a",
    "start": "2026-03-02T10:00:00Z",
    "end": "2026-03-02T11:00:00Z",
    "status": "booked",
}


@pytest.mark.parametrize(
    "fault",
    [
        {"id": ".."},
        {"id": "a/b"},
        {"id": 7},
        {"id": "a" * 65},
        {"start": "2026-03-02"},
        {"start": "2026-03-02T10:00:00"},
        {"start": None},
        {"end": "2026-03-02T10:00:00Z"},
        {"end": "2026-03-02T09:00:00Z"},
        {"end": f"2026-03-0{2 + LONGEST_MINUTES // 1440}T10:01:00Z"},
        {"end": "9999-12-31T23:59:59-23:59"},
    ],
    ids=str,
)
def test_an_appointment_without_a_sensible_time_is_none(fault: Resource) -> None:
    good = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert meeting(GOOD) == Meeting("a", good, 60, SessionStatus.BOOKED, SessionKind.OTHER, None, (), ())
    assert meeting(GOOD | fault) is None


@pytest.mark.parametrize("status", ["inactive", "rejected", "entered-in-error", "draft", None, 7])
def test_anything_but_active_is_taken_for_withdrawn(status: object) -> None:
    assert refusal({"id": "a", "status": status}) == Refusal("a", None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
FIELDS = (
    "id",
    "status",
    "start",
    "end",
    "participant",
    "serviceType",
    "extension",
    "provision",
    "name",
    "meta",
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_no_resource_at_all_breaks_the_reading(resource: Resource) -> None:
    for read in (meeting, refusal, room):
        found = read(resource)
        assert found is None or found.id == id_of(resource) != ""
