"""Plain words: names that are written from the right, and what two versions of an item say, for anybody."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from vigfield.app import Two
from vigfield.app.deciding import Line, differences
from vigfield.model import (
    Consent,
    ConsentId,
    ConsentStatus,
    Delivery,
    FamilyId,
    Footing,
    FormRef,
    Kind,
    OutboxItem,
    PersonId,
    Scope,
    TypedSignature,
)
from vigfield.rules import Reason
from vigfield.sync import fhir
from vigfield.ui import bidi, conflictwords, refusals, scopewords, servicewords, words

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ITEM = OutboxItem(Kind.SESSION, "s", 2, 1, "1", Delivery.CONFLICT, "", NOW, 1)
JARGON = re.compile(
    r"\b(resource|bundle|endpoint|JSON|entry|entries|Patient|RelatedPerson|Appointment|Encounter|provision|run)\b"
)


@pytest.mark.parametrize("name", ["سامي", "نועם", "Gàidhlig", "王安", "Zoë \u202e"])
def test_a_name_stands_apart_and_is_whole(name: str) -> None:
    said = f"{bidi.apart(name)}, 4 months old"
    assert name in said
    assert unicodedata.bidirectional(said[0]) == "FSI"
    assert said.count("\u2068") == said.count("\u2069") == 1


def test_plain_letters_and_nothing_stay_as_they_are() -> None:
    assert bidi.apart("Morwenna") == "Morwenna"
    assert bidi.apart("") == bidi.ours("") == ""
    assert bidi.listed(["Ann", "سامي"]) == "Ann, \u2068سامي\u2069"


def two(ours: dict[str, object], theirs: dict[str, object]) -> Two:
    return Two(ITEM, "SE-014", differences(ours, theirs), deleted=False)


def test_two_versions_are_told_apart_in_words_and_nothing_is_left_out() -> None:
    ours = {
        "start": "2026-03-02T09:00:00.000Z",
        "status": "booked",
        "participant": [{"actor": {"reference": "Patient/abc"}, "status": "accepted"}],
        "serviceType": [{"coding": [{"system": "urn:x", "code": "filming"}]}],
    }
    theirs = {"start": "2026-03-02T10:00:00.000Z", "status": "cancelled", "priority": 3}
    found = two(ours, theirs)
    said = [
        (conflictwords.field(line.field), conflictwords.side(line, line.ours), line.theirs and "x")
        for line in conflictwords.lines(found)
    ]
    assert said == [
        ("Begins", words.when(datetime(2026, 3, 2, 9, tzinfo=UTC)), "x"),
        ("Where it stands", "planned", "x"),
        ("Who takes part", "the infant", ""),
        ("What it is for", "Filming", ""),
    ]
    rest = [line.field for line in conflictwords.rest(found)]
    assert rest == ["participant.1.status", "priority", "serviceType.1.coding.1.system"]
    assert len(said) + len(rest) == len(found.lines)


@pytest.mark.parametrize("scope", list(Scope))
def test_an_answer_of_a_consent_is_named_by_its_scope(scope: Scope) -> None:
    """In the order in which they are sent."""
    place = list(Scope).index(scope) + 1
    line = Line(f"provision.provision.{place}.type", "permit", "deny")
    found = Two(replace(ITEM, kind=Kind.CONSENT), "SE-014", (line,), deleted=False)
    assert conflictwords.lines(found) == [line]
    assert conflictwords.field(line.field) == f"What was agreed: {scopewords.SCOPES[scope]}"
    assert (conflictwords.side(line, line.ours), conflictwords.side(line, line.theirs)) == ("yes", "no")


def test_that_order_is_the_one_that_is_sent() -> None:
    given = Consent(
        id=ConsentId("c"),
        version=1,
        family=FamilyId("f"),
        status=ConsentStatus.GIVEN,
        given_by=PersonId("p"),
        footing=Footing.SELF,
        agreed=frozenset({Scope.STILLS}),
        on_camera=(),
        sessions=(),
        also_present="",
        valid_from=NOW.date(),
        valid_until=NOW.date(),
        form=FormRef("f", "1", "en-GB"),
        signed_at=NOW,
        signature=TypedSignature("p"),
    )
    sent = fhir._provision(given)["provision"]
    assert [one["type"] for one in sent] == [  # type: ignore[index,attr-defined]
        "permit" if scope is Scope.STILLS else "deny" for scope in Scope
    ]


def test_no_sentence_about_the_service_needs_a_computer_person() -> None:
    said = [
        text
        for module in (servicewords, conflictwords)
        for value in vars(module).values()
        for text in ([value] if isinstance(value, str) else value.values() if isinstance(value, dict) else [])
        if isinstance(text, str) and " " in text
    ]
    assert len(said) > 60
    assert [text for text in said if JARGON.search(text)] == []


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_few_words(reason: Reason) -> None:
    assert 0 < len(refusals.briefly(reason)) < 30
