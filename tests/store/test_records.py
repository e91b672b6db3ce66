"""What is added comes back as it was, in order, and tells the outbox and the audit too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.examples import (
    LATER,
    NOW,
    add_all,
    closed,
    new_consent,
    new_family,
    new_recording,
    new_session,
)
from vigfield.errors import Unknown
from vigfield.model import (
    Consent,
    ConsentId,
    ConsentStatus,
    Delivery,
    FamilyId,
    Kind,
    Part,
    PersonId,
    Quality,
    RecordingId,
    RecordingState,
    SessionId,
    SessionStatus,
    TypedSignature,
)
from vigfield.store import Store, Tx, audit, consents, families, outbox, recordings, sessions, settings
from vigfield.store.audit import Happening
from vigfield.store.columns import from_time, to_time


def test_families_come_back_whole_and_by_code(store: Store) -> None:
    made = [new_family("rowan-2", "Iona"), new_family("ASH-1", "Zoë", "Ōtomo", "محمد", "Анна")]
    store.run_sync(lambda tx: [families.add(tx, family, NOW) for family in made])
    assert store.run_sync(families.all) == [made[1], made[0]]
    assert store.run_sync(lambda tx: families.get(tx, made[1].id)) == made[1]
    assert store.run_sync(lambda tx: families.get(tx, FamilyId("nobody"))) is None
    person = made[1].caregivers[2].id
    assert store.run_sync(lambda tx: families.of_person(tx, person)) == made[1]
    assert store.run_sync(lambda tx: families.of_person(tx, made[0].infant.id)) == made[0]
    assert store.run_sync(lambda tx: families.of_person(tx, PersonId("nobody"))) is None


def test_a_code_is_taken_in_capitals_too(store: Store) -> None:
    store.run_sync(lambda tx: families.add(tx, new_family("Rowan-2"), NOW))
    assert store.run_sync(lambda tx: families.code_taken(tx, "ROWAN-2"))
    assert not store.run_sync(lambda tx: families.code_taken(tx, "ROWAN-20"))
    with pytest.raises(ValueError, match=r"family\.code"):
        store.run_sync(lambda tx: families.add(tx, new_family("rowan-2"), NOW))
    assert len(store.run_sync(families.all)) == 1


def test_a_person_of_another_family_is_refused(store: Store) -> None:
    family = new_family("A", "Iona", "Morag")
    stranger = replace(family.caregivers[0], family=FamilyId("other"))
    with pytest.raises(ValueError, match="another family"):
        store.run_sync(lambda tx: families.add(tx, replace(family, caregivers=(stranger,)), NOW))


def test_a_family_waits_for_the_service_person_by_person(store: Store) -> None:
    family = new_family("A", "Iona", "Morag", "Ruaridh")
    store.run_sync(lambda tx: families.add(tx, family, NOW))
    kinds = [item.kind for item in store.run_sync(outbox.all)]
    assert kinds == [Kind.PRACTITIONER, Kind.INFANT, Kind.CAREGIVER, Kind.CAREGIVER, Kind.EPISODE]


def test_sessions_of_a_day_are_those_that_start_in_it(store: Store) -> None:
    family = new_family("A", "Iona", "Morag")
    start, end = NOW, NOW + timedelta(days=1)
    moments = [end, start, end - timedelta(microseconds=1), start - timedelta(microseconds=1)]
    made = [new_session(family, moment) for moment in moments]

    def add(tx: object) -> None:
        families.add(tx, family, NOW)
        for session in made:
            sessions.add(tx, session, NOW)

    store.run_sync(add)
    assert store.run_sync(lambda tx: sessions.on(tx, start, end)) == [made[1], made[2]]
    assert store.run_sync(lambda tx: sessions.of_family(tx, family.id)) == sorted(
        made, key=lambda s: s.starts
    )
    assert store.run_sync(lambda tx: sessions.get(tx, made[0].id)) == made[0]


def test_a_session_of_an_unknown_family_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="FOREIGN KEY"):
        store.run_sync(lambda tx: sessions.add(tx, new_session(new_family("A")), NOW))


def test_marking_a_session_tells_of_it_and_of_the_visit_once(store: Store) -> None:
    session = store.run_sync(add_all)[1]

    def versions() -> tuple[int, int]:
        found = [store.run_sync(lambda tx, k=kind: outbox.item(tx, k, session.id)) for kind in VISITS]
        return tuple(0 if item is None else item.version for item in found)

    assert versions() == (1, 0)
    store.run_sync(lambda tx: sessions.mark(tx, session.id, SessionStatus.TOOK_PLACE, LATER))
    assert versions() == (2, 1)
    store.run_sync(lambda tx: sessions.mark(tx, session.id, SessionStatus.TOOK_PLACE, LATER))
    assert versions() == (2, 1)
    store.run_sync(lambda tx: sessions.mark(tx, session.id, SessionStatus.CANCELLED, LATER))
    assert versions() == (3, 2)
    with pytest.raises(Unknown):
        store.run_sync(lambda tx: sessions.mark(tx, SessionId("none"), SessionStatus.BOOKED, LATER))


VISITS = (Kind.SESSION, Kind.VISIT)


def unchained(store: Store, id_: ConsentId, version: int | None = None) -> Consent:
    """A version as it was before its place in the chain was written on it."""
    found = store.run_sync(lambda tx: consents.get(tx, id_, version))
    assert found is not None
    return replace(found, previous="", digest="")


def broken(tx: Tx) -> consents.Broken | None:
    """The chain, followed one version at a time."""
    link: consents.Link | consents.Broken | None = consents.Link()
    while isinstance(link, consents.Link):
        link = consents.follow(tx, link, 1)
    return link


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE consent SET agreed = '[]' WHERE version = 1",
        "UPDATE consent SET shown = 'x' WHERE version = 2",
        'UPDATE consent SET signature = \'{"name": "x"}\' WHERE version = 1',
        "UPDATE consent SET digest = '' WHERE version = 2",
        "DELETE FROM consent WHERE version = 1",
    ],
)
def test_a_version_that_was_changed_or_taken_out_breaks_the_chain(store: Store, change: str) -> None:
    _, _, first, _ = store.run_sync(add_all)
    withdrawn = replace(first, version=2, status=ConsentStatus.WITHDRAWN)
    store.run_sync(lambda tx: consents.add(tx, withdrawn, LATER))
    assert store.run_sync(broken) is None
    assert store.run_sync(lambda tx: [consents.as_signed(tx, one) for one in consents.all(tx)]) == [True] * 2

    def forge(tx: Tx) -> object:
        for name in ("changed", "removed"):
            tx.execute(f"DROP TRIGGER consent_is_never_{name}")
        tx.execute("PRAGMA defer_foreign_keys = ON")
        tx.execute("DELETE FROM recording")
        tx.execute(change)
        assert not all(consents.as_signed(tx, one) for one in consents.all(tx))
        return broken(tx)

    assert isinstance(store.run_sync(forge), consents.Broken)


def test_consents_keep_every_version(store: Store) -> None:
    family, _, first, _ = store.run_sync(add_all)
    typed = TypedSignature("Mòrag Ŋ")
    withdrawn = replace(first, version=2, status=ConsentStatus.WITHDRAWN, signature=typed)
    other = new_consent(family)
    store.run_sync(lambda tx: [consents.add(tx, one, LATER) for one in (withdrawn, other)])
    assert unchained(store, first.id) == withdrawn
    assert unchained(store, first.id, 1) == first
    assert store.run_sync(lambda tx: consents.get(tx, first.id, 3)) is None
    assert store.run_sync(lambda tx: consents.get(tx, ConsentId("none"))) is None
    newest = store.run_sync(lambda tx: consents.newest_of_family(tx, family.id))
    assert {(c.id, c.version) for c in newest} == {(first.id, 2), (other.id, 1)}
    assert [(c.id, c.version) for c in store.run_sync(consents.all)] == [
        (first.id, 1),
        (first.id, 2),
        (other.id, 1),
    ]
    assert store.run_sync(lambda tx: outbox.item(tx, Kind.CONSENT, first.id)).version == 2
    happened = [event.kind for event in store.run_sync(lambda tx: audit.of(tx, first.id))]
    assert happened == [Happening.CONSENT_SIGNED, Happening.CONSENT_WITHDRAWN]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE consent SET agreed = '[]'",
        "DELETE FROM consent",
        "REPLACE INTO consent SELECT * FROM consent",
        "UPDATE event SET subject = ''",
        "DELETE FROM event",
        "REPLACE INTO event SELECT * FROM event",
    ],
)
def test_consents_and_events_are_never_changed_or_removed(store: Store, sql: str) -> None:
    store.run_sync(add_all)
    with pytest.raises(ValueError, match=r"is never (changed|removed)"):
        store.run_sync(lambda tx: tx.execute(sql))


def test_the_same_version_of_a_consent_is_refused(store: Store) -> None:
    consent = store.run_sync(add_all)[2]
    with pytest.raises(ValueError, match="UNIQUE"):
        store.run_sync(lambda tx: consents.add(tx, consent, LATER))
    assert store.run_sync(lambda tx: outbox.item(tx, Kind.CONSENT, consent.id)).version == 1


def test_a_film_from_its_key_to_its_end(store: Store) -> None:
    family, session, _, recording = store.run_sync(add_all)
    first, second = (Part(recording.id, number, RecordingState.OPEN) for number in (1, 2))
    store.run_sync(lambda tx: [recordings.add_part(tx, part) for part in (second, first)])
    as_filmed = replace(recording, parts=(first, second))
    assert store.run_sync(recordings.all) == [as_filmed]
    assert store.run_sync(lambda tx: recordings.wrapped_key(tx, recording.id)) == b"a sealed key"
    assert store.run_sync(lambda tx: outbox.item(tx, Kind.RECORDING, recording.id)) is None

    quality = Quality(501, 500, 1, ((3.2, "sound-lost"), (4.0, "Ton verloren")))

    def close(tx: object) -> None:
        recordings.close_part(tx, closed(first))
        recordings.close_part(tx, replace(second, state=RecordingState.EMPTY))
        recordings.close(tx, recording.id, RecordingState.INTERRUPTED, quality, LATER)

    store.run_sync(close)
    ended = replace(
        recording,
        state=RecordingState.INTERRUPTED,
        parts=(closed(first), replace(second, state=RecordingState.EMPTY)),
        quality=quality,
    )
    assert store.run_sync(lambda tx: recordings.get(tx, recording.id)) == ended
    assert store.run_sync(lambda tx: recordings.of_session(tx, session.id)) == [ended]
    assert store.run_sync(lambda tx: recordings.of_family(tx, family.id)) == [ended]
    assert store.run_sync(recordings.all) == [ended]
    assert (
        store.run_sync(lambda tx: outbox.item(tx, Kind.RECORDING, recording.id)).delivery is Delivery.WAITING
    )


def test_films_come_oldest_first(store: Store) -> None:
    _, session, consent, first = store.run_sync(add_all)
    earlier = new_recording(session, consent, NOW - timedelta(hours=1))
    earlier = replace(earlier, parts=(Part(earlier.id, 1, RecordingState.OPEN),))
    store.run_sync(lambda tx: recordings.add(tx, earlier, b"k", NOW))
    assert store.run_sync(recordings.all) == [earlier, first]


def test_a_film_without_its_consent_version_is_refused(store: Store) -> None:
    _, session, consent, _ = store.run_sync(add_all)
    film = new_recording(session, replace(consent, version=2))
    with pytest.raises(ValueError, match="FOREIGN KEY"):
        store.run_sync(lambda tx: recordings.add(tx, film, b"k", NOW))


def test_what_is_not_there_cannot_be_closed(store: Store) -> None:
    recording = store.run_sync(add_all)[3]
    with pytest.raises(Unknown):
        store.run_sync(lambda tx: recordings.close_part(tx, Part(recording.id, 1, RecordingState.WHOLE)))
    with pytest.raises(Unknown):
        store.run_sync(
            lambda tx: recordings.close(tx, RecordingId("x"), RecordingState.WHOLE, Quality(), NOW)
        )
    with pytest.raises(ValueError, match="end open"):
        store.run_sync(lambda tx: recordings.close(tx, recording.id, RecordingState.OPEN, Quality(), NOW))
    assert store.run_sync(lambda tx: recordings.wrapped_key(tx, RecordingId("x"))) is None
    assert store.run_sync(lambda tx: recordings.get(tx, RecordingId("x"))) is None


def test_events_are_numbered_in_order_and_hold_no_words(store: Store) -> None:
    family, session, consent, recording = store.run_sync(add_all)
    events = store.run_sync(audit.all)
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert [event.subject for event in events] == [family.id, session.id, consent.id, recording.id]
    assert events[3].detail == {"session": session.id}
    for subject, detail in (("Morag MacLeod", "x"), ("x", "Morag MacLeod"), ("x", "naïve")):
        with pytest.raises(ValueError, match="ids, kinds and counts"):
            store.run_sync(
                lambda tx, s=subject, d=detail: audit.append(tx, NOW, Happening.UNLOCKED, s, why=d)
            )


def test_settings_remember_the_last_value(store: Store) -> None:
    assert store.run_sync(lambda tx: settings.get(tx, "theme")) is None
    store.run_sync(lambda tx: [settings.put(tx, "theme", value) for value in ("light", "dark")])
    assert store.run_sync(lambda tx: settings.get(tx, "theme")) == "dark"


@given(st.lists(st.datetimes(timezones=st.timezones(), min_value=datetime(1000, 1, 2)), min_size=2))  # noqa: DTZ001
def test_times_come_back_and_sort_as_text(moments: list[datetime]) -> None:
    in_utc = [moment.astimezone(UTC) for moment in moments]
    assert [to_time(from_time(moment)) for moment in moments] == in_utc
    assert sorted(map(from_time, moments)) == [from_time(moment) for moment in sorted(in_utc)]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        from_time(NOW.replace(tzinfo=None))
