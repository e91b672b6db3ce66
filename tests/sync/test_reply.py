"""Every answer has one meaning, and none can make the reader stumble."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sync.examples import patient_put
from vigfield.sync import Why
from vigfield.sync.reply import Absent, Answer, Failure, Found, Refusal, Stored, to_push, to_read

ONE = patient_put(1)
TWO = (ONE, patient_put(2))
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "diagnostics": "no such code"}],
}


def answer(body: object, status: int = 200, etag: str = "") -> Answer:
    return Answer(status, etag, json.dumps(body).encode())


def replied(*entries: object) -> Answer:
    return answer({"resourceType": "Bundle", "type": "transaction-response", "entry": list(entries)})


def one(response: object, **more: object) -> object:
    (reply,) = to_push(replied({"response": response, **more}), (ONE,))  # type: ignore[misc]
    return reply


def test_the_version_is_the_etag_else_the_resources_own_else_unknown() -> None:
    resource = {"meta": {"versionId": "b7"}}
    assert one({"status": "200", "etag": 'W/"a1"'}, resource=resource) == Stored('W/"a1"')
    assert one({"status": "200"}, resource=resource) == Stored('W/"b7"')
    assert one({"status": "201 Created", "etag": 5}) == Stored("")
    assert one({"status": "200", "etag": 'W/"1"\r\nX: y'}) == Stored("")


@pytest.mark.parametrize(
    ("response", "meaning"),
    [
        ({"status": "200 OK", "location": "Patient/infant-1/_history/2"}, Stored("")),
        ({"status": "200 OK", "location": "https://x.example/fhir/Patient/infant-1"}, Stored("")),
        ({"status": "200 OK", "location": "Patient/infant-2/_history/2"}, Failure(Why.RUBBISH)),
        ({"status": "200 OK", "location": "Patient/xinfant-1/_history/2"}, Failure(Why.RUBBISH)),
        ({"status": "412", "outcome": OUTCOME}, Refusal(412, "no such code")),
        ({"status": "422 Unprocessable"}, Refusal(422, "HTTP 422")),
        ({"status": "500"}, Failure(Why.SERVER_ERROR)),
        ({"status": "302"}, Failure(Why.RUBBISH)),
        ({"status": "4xx"}, Failure(Why.RUBBISH)),
        ({"status": ""}, Failure(Why.RUBBISH)),
        ({"status": 200}, Failure(Why.RUBBISH)),
        ({}, Failure(Why.RUBBISH)),
        (None, Failure(Why.RUBBISH)),
    ],
)
def test_an_entry_of_a_transaction(response: dict[str, object] | None, meaning: object) -> None:
    assert one(response) == meaning


def test_a_transaction_answered_for_fewer_or_more_entries_is_rubbish() -> None:
    entry = {"response": {"status": "200"}}
    assert to_push(replied(entry, entry), TWO) == (Stored(""), Stored(""))
    assert to_push(replied(entry), TWO) == Failure(Why.RUBBISH)
    assert to_push(replied(entry, entry, entry), TWO) == Failure(Why.RUBBISH)


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (400, OUTCOME, Refusal(400, "no such code")),
        (400, "<html>", Refusal(400, "HTTP 400")),
        (404, OUTCOME, Refusal(404, "no such code")),
        (404, "<html>", Failure(Why.RUBBISH)),
        (413, "", Refusal(413, "HTTP 413")),
        (401, OUTCOME, Failure(Why.NOT_ALLOWED)),
        (403, OUTCOME, Refusal(403, "no such code")),
        (403, "<html>", Failure(Why.NOT_ALLOWED)),
        (407, "", Failure(Why.NOT_ALLOWED)),
        (408, "", Failure(Why.SLOW)),
        (429, OUTCOME, Failure(Why.SLOW)),
        (500, OUTCOME, Failure(Why.SERVER_ERROR)),
        (503, "", Failure(Why.SERVER_ERROR)),
        (302, "", Failure(Why.RUBBISH)),
        (204, "", Failure(Why.RUBBISH)),
        (200, {"resourceType": "Bundle"}, Failure(Why.RUBBISH)),
        (200, [], Failure(Why.RUBBISH)),
    ],
)
def test_a_whole_answer(status: int, body: object, meaning: object) -> None:
    assert to_push(answer(body, status), TWO) == meaning


def test_words_are_trimmed_and_cannot_steer_a_screen() -> None:
    nasty = "a\x00b\x1b[31mc\u202ed\n\n e" + "f" * 1000
    issue = {"details": {"text": nasty}}
    refusal = to_push(answer({"resourceType": "OperationOutcome", "issue": [issue, 5, {}]}, 422), TWO)
    assert isinstance(refusal, Refusal)
    assert refusal.words.startswith("ab[31mcd ef")
    assert len(refusal.words) == 300


def test_reading_back() -> None:
    held = {**ONE.resource, "meta": {"versionId": "4"}}
    assert to_read(answer(held, etag='W/"5"'), ONE) == Found('W/"5"', held)
    assert to_read(answer(held), ONE) == Found('W/"4"', held)
    assert to_read(answer(OUTCOME, 404), ONE) == Absent(deleted=False)
    assert to_read(answer(OUTCOME, 410), ONE) == Absent(deleted=True)
    assert to_read(answer(OUTCOME, 403), ONE) == Failure(Why.NOT_ALLOWED)
    assert to_read(answer(OUTCOME, 500), ONE) == Failure(Why.SERVER_ERROR)
    assert to_read(answer({**held, "id": "another"}), ONE) == Failure(Why.RUBBISH)


@pytest.mark.parametrize("nest", ["[", '{"a":'])
def test_a_deep_body_is_rubbish(nest: str) -> None:
    for depth in (65, 900, 100_000):
        body = nest * depth + "1" + ("]" if nest == "[" else "}") * depth
        assert to_push(Answer(200, "", body.encode()), TWO) == Failure(Why.RUBBISH)
    deep = b'{"resourceType":"Patient","id":"infant-1","x":' + b"[" * 500 + b"]" * 500 + b"}"
    assert to_read(Answer(200, "", deep), ONE) == Failure(Why.RUBBISH)


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["Bundle", "200", "412", 'W/"1"']),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resourceType", "entry", "response", "status", "etag", "resource", "issue", "meta"]
            ),
            inner,
        )
    ),
    max_leaves=15,
)


@given(st.integers(100, 599), st.binary() | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_makes_the_reader_stumble(status: int, body: bytes) -> None:
    to_push(Answer(status, "", body), TWO)
    to_read(Answer(status, "", body), ONE)


@given(st.lists(ANY_JSON, min_size=1, max_size=1))
def test_no_entry_makes_the_reader_stumble(entries: list[object]) -> None:
    to_push(replied(*entries), (ONE,))
