"""Runs against the real reference service over real HTTP, with faults in between."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.sync.examples import patient_put, puts
from tests.sync.servers import (
    Cut,
    LoseReply,
    Pass,
    Proxy,
    Say,
    Stall,
    foreign_edit,
    held,
    outcomes,
    proxy,
    reference_service,
    through,
)
from vigfield.model import Kind
from vigfield.service import Served
from vigfield.sync import Accepted, Conflict, Later, Limits, Outcome, Put, Rejected, Why
from vigfield.sync.decide import MOST_ERRORS
from vigfield.sync.plan import MOST_ENTRIES

NUMBERS = count(1_000_000)
BAD_CODE = {"reference": "Patient/nobody"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with reference_service(tmp_path_factory.mktemp("service") / "reference.db") as served:
        yield served


def fresh(how_many: int = 1) -> list[Put]:
    """Puts that no server has seen."""
    return [patient_put(next(NUMBERS)) for _ in range(how_many)]


def bad(put: Put) -> Put:
    """The same put with a reference that leads nowhere: this server refuses it."""
    return replace(put, resource={**put.resource, "managingOrganization": BAD_CODE})


def run(service: Served, some: list[Put], *faults: object) -> list[Outcome]:
    return asyncio.run(through(service.port, some, *faults))  # type: ignore[arg-type]


def etag(put: Put, number: int) -> Accepted:
    return Accepted(put.kind, put.id, put.version, f'W/"{number}"')


def edited(put: Put, code: str, known: str = "") -> Put:
    """A later version of the same item."""
    number = int(put.id.removeprefix("infant-"))
    return patient_put(number, code, put.version + 1, known)


def code_at(service: Served, put: Put) -> str:
    return str(held(service.base, put.address).json()["identifier"][0]["value"])


def test_everything_of_a_family_arrives_field_by_field(service: Served) -> None:
    some = puts()
    assert run(service, some[::-1]) == [etag(put, 1) for put in some]
    for put in some:
        there = held(service.base, put.address).json()
        meta = there.pop("meta")
        assert meta["versionId"] == "1"
        assert {**put.resource, "meta": {"tag": meta["tag"]}} == {**there, "meta": put.resource["meta"]}


def test_sending_again_is_harmless(service: Served) -> None:
    some = fresh(3)
    run(service, some)
    assert [type(o) for o in run(service, some)] == [Accepted] * 3
    assert code_at(service, some[0]) == some[0].resource["identifier"][0]["value"]  # type: ignore[index]


def test_more_than_a_transaction_holds_goes_in_several(service: Served) -> None:
    some = fresh(120)
    assert run(service, some) == [etag(put, 1) for put in some]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Cut(), Why.AWAY),
        (LoseReply(), Why.AWAY),
        (Say("200 OK", b"<html>"), Why.RUBBISH),
        (Say("302 Found", b"", ("Location: https://elsewhere.example/",)), Why.RUBBISH),
        (Say("401 Unauthorized"), Why.NOT_ALLOWED),
        (Say("429 Too Many Requests"), Why.SLOW),
    ],
    ids=lambda value: value.value if isinstance(value, Why) else type(value).__name__,
)
def test_when_the_server_is_the_trouble_everything_waits_and_goes_next_time(
    service: Served, fault: object, why: Why
) -> None:
    some = fresh(60)
    first = some[:MOST_ENTRIES]  # the second batch is not even asked for
    assert run(service, some, fault) == [Later(put.kind, put.id, put.version, why) for put in first]
    assert [type(outcome) for outcome in run(service, some)] == [Accepted] * 60


def test_a_server_that_does_not_answer_is_slow(service: Served) -> None:
    async def go(some: list[Put]) -> list[Outcome]:
        async with proxy(service.port, Stall()) as one:
            return await outcomes(one.base, some, Limits(silence=0.2))

    (outcome,) = asyncio.run(go(fresh()))
    assert isinstance(outcome, Later)
    assert outcome.why is Why.SLOW


def test_a_lost_reply_to_a_creation_makes_no_duplicate_and_no_conflict(service: Served) -> None:
    (put,) = fresh()
    assert isinstance(run(service, [put], LoseReply())[0], Later)
    assert held(service.base, put.address).status_code == 200
    assert isinstance(run(service, [put])[0], Accepted)
    found = held(service.base, "Patient?_count=1000").json()
    assert sum(entry["resource"]["id"] == put.id for entry in found["entry"]) == 1


def test_a_lost_reply_to_an_edit_is_no_conflict(service: Served) -> None:
    (put,) = fresh()
    run(service, [put])
    second = edited(put, "SECOND", 'W/"1"')
    assert isinstance(run(service, [second], LoseReply())[0], Later)
    assert run(service, [second]) == [etag(second, 2)]
    assert code_at(service, put) == "SECOND"


def test_an_edit_after_a_lost_reply_is_no_conflict_either(service: Served) -> None:
    (put,) = fresh()
    run(service, [put])
    second = edited(put, "SECOND", 'W/"1"')
    third = edited(second, "THIRD", 'W/"1"')
    run(service, [second], LoseReply())
    assert run(service, [third]) == [etag(third, 3)]
    assert code_at(service, put) == "THIRD"


def test_another_persons_edit_is_a_conflict_and_is_left_as_it_is(service: Served) -> None:
    mine, other = fresh(2)
    run(service, [mine, other])
    theirs = foreign_edit(service.base, mine.address)
    second = edited(mine, "MINE", 'W/"1"')
    conflict, rest = run(service, [second, edited(other, "OTHER", 'W/"1"')])
    assert isinstance(conflict, Conflict)
    assert (conflict.id, conflict.version, conflict.etag) == (mine.id, 2, 'W/"2"')
    assert conflict.theirs is not None
    assert conflict.theirs["active"] is True
    assert conflict.theirs["identifier"] == theirs["identifier"]
    assert "not the newest" in conflict.words
    assert isinstance(rest, Accepted)
    assert held(service.base, mine.address).json()["active"] is True


def test_a_server_that_forgot_an_item_gets_it_again(service: Served) -> None:
    (put,) = fresh()
    known = replace(put, etag='W/"9"')
    assert run(service, [known]) == [etag(known, 1)]


@pytest.mark.parametrize("where", [0, 1, 24, 25, 49, 50, 59])
def test_one_bad_entry_is_found_and_the_rest_arrives(service: Served, where: int) -> None:
    some = fresh(60)
    some[where] = bad(some[where])
    said = {outcome.id: outcome for outcome in run(service, some)}
    refused = said.pop(some[where].id)
    assert isinstance(refused, Rejected)
    assert refused.words == f"{some[where].address}: the reference Patient/nobody leads nowhere"
    assert len(said) == 59
    assert all(isinstance(outcome, Accepted) for outcome in said.values())


def test_many_bad_entries_are_all_found(service: Served) -> None:
    some = [bad(put) if place % 3 else put for place, put in enumerate(fresh(50))]
    said = [type(outcome) for outcome in run(service, some)]
    assert said.count(Rejected) == 33
    assert said.count(Accepted) == 17


def test_what_refers_to_a_refused_item_waits_instead_of_being_refused(service: Served) -> None:
    numbered = {put.kind: renamed(put, "w") for put in puts()}
    numbered[Kind.CAREGIVER] = bad(numbered[Kind.CAREGIVER])
    (other,) = fresh()
    said = {(o.kind, o.id): o for o in run(service, [*numbered.values(), other])}
    assert [type(said[kind, put.id]) for kind, put in numbered.items()] == [
        Accepted,
        Accepted,
        Rejected,
        Accepted,
        Later,
        Later,
        Later,
        Later,
        Later,
        Later,
        Later,
    ]
    assert isinstance(said[other.kind, other.id], Accepted)
    waiting = [o for o in said.values() if isinstance(o, Later)]
    assert all(outcome.why is Why.WAITS for outcome in waiting)


def renamed(put: Put, prefix: str) -> Put:
    """The same put with every id of the family changed."""

    def change(value: object) -> object:
        match value:
            case {"reference": str(target)}:
                return {"reference": target.replace("/", f"/{prefix}")}
            case dict():
                return {name: change(item) for name, item in value.items()}
            case list():
                return [change(item) for item in value]
            case _:
                return value

    resource = change({**put.resource, "id": prefix + put.id})
    assert isinstance(resource, dict)
    return replace(put, id=prefix + put.id, resource=resource)


def test_a_batch_too_large_for_the_server_is_halved_until_it_fits(tmp_path: Path, service: Served) -> None:
    some = fresh(8)
    said = run(service, some, Say("413 Too Large", b"<html>"), Pass(), Say("413 Too Large"), Pass(), Pass())
    assert said == [etag(put, 1) for put in some]


def test_one_item_too_large_is_refused_and_the_rest_arrives(service: Served) -> None:
    some = fresh(2)
    refused, accepted = run(service, some, Say("413 Too Large"), Say("413 Too Large"))
    assert refused == Rejected(some[0].kind, some[0].id, 1, "HTTP 413")
    assert isinstance(accepted, Accepted)


def test_a_server_that_fails_on_everything_is_asked_a_bounded_number_of_times(service: Served) -> None:
    async def go(some: list[Put]) -> tuple[list[Outcome], Proxy]:
        async with proxy(service.port, *[Say("500 Oh no")] * 1000) as one:
            return await outcomes(one.base, some), one

    some = fresh(120)
    said, one = asyncio.run(go(some))
    assert len(one.seen) == MOST_ERRORS
    assert sorted(outcome.id for outcome in said) == sorted(put.id for put in some[:MOST_ENTRIES])
    assert {outcome.why for outcome in said if isinstance(outcome, Later)} == {Why.SERVER_ERROR}


def test_one_entry_that_breaks_the_server_does_not_stop_the_others(service: Served) -> None:
    some = fresh(4)
    oh_no = Say("500 Oh no")
    said = run(service, some, oh_no, oh_no, oh_no)  # all four, the first two, the first
    assert [type(outcome) for outcome in said] == [Later, Accepted, Accepted, Accepted]
    assert said[0].id == some[0].id


FORBIDDEN = Say("403 Forbidden", b'{"resourceType":"OperationOutcome","issue":[{"diagnostics":"not you"}]}')


def test_a_forbidden_entry_waits_and_the_rest_arrives(service: Served) -> None:
    some = fresh(2)
    said = run(service, some, FORBIDDEN, FORBIDDEN)
    assert said == [Later(some[0].kind, some[0].id, 1, Why.NOT_ALLOWED), etag(some[1], 1)]


def test_a_version_that_the_server_keeps_to_itself_is_read_back(service: Served) -> None:
    (put,) = fresh()
    run(service, [put])
    silent = b'{"resourceType":"Bundle","entry":[{"response":{"status":"200"}}]}'
    assert run(service, [put], Say("200 OK", silent)) == [etag(put, 1)]


def test_a_server_that_says_it_stored_what_it_has_not_is_not_believed(service: Served) -> None:
    (put,) = fresh()
    silent = b'{"resourceType":"Bundle","entry":[{"response":{"status":"200"}}]}'
    assert run(service, [put], Say("200 OK", silent)) == [Later(put.kind, put.id, 1, Why.RUBBISH)]


@pytest.mark.parametrize("status", ["409 Conflict", "412 Precondition Failed"])
def test_a_conflict_that_is_none_is_accepted_after_reading_back(service: Served, status: str) -> None:
    (put,) = fresh()
    run(service, [put])
    known = replace(put, etag='W/"1"')
    assert run(service, [known], Say(status)) == [etag(known, 1)]


def test_a_conflict_about_something_else_is_a_refusal(service: Served) -> None:
    (put,) = fresh()
    assert run(service, [put], Say("409 Conflict")) == [Rejected(put.kind, put.id, 1, "HTTP 409")]
    run(service, [put])
    second = edited(put, "SECOND", 'W/"1"')
    assert run(service, [second], Say("409 Conflict")) == [Rejected(put.kind, put.id, 2, "HTTP 409")]


def test_a_deleted_item_is_a_conflict_without_their_version(service: Served) -> None:
    (put,) = fresh()
    known = replace(put, etag='W/"3"')
    assert run(service, [known], Say("412 Precondition Failed"), Say("410 Gone")) == [
        Conflict(put.kind, put.id, 1, "HTTP 412", "", None)
    ]


def test_nothing_to_send_asks_nothing() -> None:
    assert asyncio.run(outcomes("http://127.0.0.1:1/fhir", [])) == []
