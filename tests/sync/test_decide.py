"""The turns that a run can take, one by one, without a server."""

from dataclasses import replace

import pytest

from tests.sync.examples import patient_put, puts
from vigfield.model import Kind
from vigfield.sync import Accepted, Conflict, Later, Rejected, Why, plan
from vigfield.sync.decide import (
    MOST_ERRORS,
    Again,
    Halve,
    Look,
    Settle,
    Stop,
    about_batch,
    about_held,
    about_put,
    arrived,
    divide,
)
from vigfield.sync.reply import Absent, Failure, Found, Refusal, Stored

ONE = patient_put(1)
KNOWN = replace(ONE, etag='W/"3"')
TWO = (ONE, patient_put(2))
CHANGED = Refusal(412, "not the newest")
FAILED = Failure(Why.SERVER_ERROR)


def test_about_a_batch() -> None:
    assert about_batch(TWO, (Stored("1"), Stored("2")), 0) == Settle((Stored("1"), Stored("2")))
    assert about_batch(TWO, CHANGED, 0) == Halve()
    assert about_batch(TWO, FAILED, 1) == Halve()
    assert about_batch(TWO[:1], CHANGED, 0) == Settle((CHANGED,))
    assert about_batch(TWO[:1], FAILED, MOST_ERRORS - 1) == Settle((FAILED,))
    assert about_batch(TWO[:1], FAILED, MOST_ERRORS) == Stop(Why.SERVER_ERROR)


@pytest.mark.parametrize("why", set(Why) - {Why.SERVER_ERROR})
def test_any_other_failure_stops_the_run(why: Why) -> None:
    assert about_batch(TWO, Failure(why), 0) == Stop(why)
    assert about_batch(TWO[:1], Failure(why), 0) == Stop(why)


def test_about_one_put() -> None:
    assert isinstance(about_put(ONE, Stored("1")), Accepted)
    assert about_put(ONE, Stored("")) == Look()
    assert [about_put(ONE, Refusal(status, "")) for status in (404, 409, 412)] == [Look()] * 3
    assert about_put(ONE, Refusal(403, "no")) == Later(ONE.kind, ONE.id, 1, Why.NOT_ALLOWED)
    assert about_put(ONE, Refusal(422, "no")) == Rejected(ONE.kind, ONE.id, 1, "no")
    assert about_put(ONE, FAILED) == Later(ONE.kind, ONE.id, 1, Why.SERVER_ERROR)


def test_about_what_the_server_holds() -> None:
    earlier = patient_put(1, code="an earlier code of ours").resource
    theirs = {**ONE.resource, "active": True}
    assert isinstance(about_held(KNOWN, CHANGED, Found("4", ONE.resource)), Accepted)
    assert about_held(KNOWN, CHANGED, Found("4", earlier)) == Again("4")
    assert about_held(KNOWN, CHANGED, Found('"3"', earlier)) == Rejected(ONE.kind, ONE.id, 1, CHANGED.words)
    assert about_held(KNOWN, CHANGED, Found("4", theirs)) == Conflict(
        ONE.kind, ONE.id, 1, CHANGED.words, "4", theirs
    )
    assert isinstance(about_held(KNOWN, CHANGED, Absent(deleted=True)), Conflict)
    assert about_held(KNOWN, CHANGED, Absent(deleted=False)) == Again("")
    assert isinstance(about_held(ONE, CHANGED, Absent(deleted=False)), Rejected)
    assert isinstance(about_held(KNOWN, CHANGED, FAILED), Later)


def test_what_refers_to_an_absent_item_waits_and_so_does_what_refers_to_that() -> None:
    (batch,) = plan(puts())
    place = [put.kind for put in batch].index(Kind.SESSION)
    there = {put.address for put in batch[:place]}
    assert divide(batch[place:], there) == (batch[place:], ())
    assert divide(batch, ()) == (batch, ())
    ready, waiting = divide(batch[place + 1 :], there)  # without the session
    assert [put.kind for put in ready] == [Kind.CONSENT]
    assert [put.kind for put in waiting] == [Kind.VISIT, Kind.RECORDING, Kind.COPY, Kind.STILL, Kind.EVENT]
    assert divide(batch[place + 1 :], there | {batch[place].address}) == (batch[place + 1 :], ())
    ready, waiting = divide(batch[2:], ())  # without the practitioner and the infant
    assert ready == ()
    assert waiting == batch[2:]


def test_an_item_that_the_server_has_an_older_version_of_holds_nothing_up() -> None:
    first, *others = puts()
    (batch,) = plan([replace(first, etag='W/"3"'), *others])
    assert divide(batch[1:], ()) == (batch[1:], ())
    assert batch[1].needs == frozenset()


def test_what_has_arrived() -> None:
    assert arrived(ONE, Accepted(ONE.kind, ONE.id, 1, "1")) == {ONE.address}
    assert arrived(ONE, Conflict(ONE.kind, ONE.id, 1, "", "1", {"id": ONE.id})) == {ONE.address}
    assert arrived(ONE, Conflict(ONE.kind, ONE.id, 1, "", "", None)) == set()
    assert arrived(ONE, Rejected(ONE.kind, ONE.id, 1, "")) == set()
    assert arrived(ONE, Later(ONE.kind, ONE.id, 1, Why.WAITS)) == set()
