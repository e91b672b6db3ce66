"""Everything that there is a record of is told: who, how the work goes, supervision, pictures and the log."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.kit import NAMES, Tablet, consent_draft, session_draft, tablet
from tests.app.test_stills import PICTURE
from vigfield import clock
from vigfield.app import Ended, EndingDraft, Withheld, leaving
from vigfield.loopback import NoStill
from vigfield.model import (
    Delivery,
    Ending,
    Ground,
    Kind,
    OutboxItem,
    Policy,
    RecordingId,
    Scope,
    Session,
    SessionKind,
    SessionStatus,
)
from vigfield.store import Tx, audit, outbox, sessions
from vigfield.store.audit import Event, Happening
from vigfield.sync.egress import Withheld as HeldBack

Act = Callable[[Tablet], object]
STRICT = Policy()


def with_one(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)  # type: ignore[misc]

    asyncio.run(run())


async def told(one: Tablet, kind: Kind) -> list[dict[str, object] | HeldBack]:
    """What the service is told, or is not, of every item of a kind."""

    def read(tx: Tx) -> list[dict[str, object] | HeldBack]:
        items = [item for item in outbox.waiting(tx, 10_000) if item.kind is kind]
        return [leaving.spelled(tx, item, STRICT) for item in items]

    return await one.work.practice._store.run(read)


async def only(one: Tablet, kind: Kind) -> dict[str, object]:
    (found,) = await told(one, kind)
    assert isinstance(found, dict)
    return found


async def version(one: Tablet, kind: Kind, id_: str) -> int:
    item = await one.work.practice._store.run(lambda tx: outbox.item(tx, kind, id_))
    assert isinstance(item, OutboxItem)
    return item.version


def test_the_work_with_a_family_is_told_as_it_goes(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        assert (await only(one, Kind.EPISODE))["status"] == "planned"
        await one.work.diary.mark(one.session.id, SessionStatus.ARRIVED)
        assert await version(one, Kind.EPISODE, one.family.infant.id) == 1
        await one.filmed()
        begun = await only(one, Kind.EPISODE)
        today = clock.today().isoformat()
        assert (begun["status"], begun["period"]) == ("active", {"start": today})
        await one.filmed()
        assert await version(one, Kind.EPISODE, one.family.infant.id) == 2
        await one.work.people.end(one.family.id, EndingDraft(clock.today(), Ending.MOVED_AWAY, "a note"))
        ended = await only(one, Kind.EPISODE)
        assert (ended["status"], ended["period"]) == ("finished", {"start": today, "end": today})
        await one.work.people.take_up(one.family.id)
        assert (await only(one, Kind.EPISODE))["status"] == "active"

    with_one(tmp_path, act)


def test_a_practitioner_is_told_again_when_called_otherwise(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        me = await only(one, Kind.PRACTITIONER)
        await one.work.consenting.call_practitioner("Ottoline")
        await one.work.consenting.call_practitioner(" Ottoline ")
        assert await version(one, Kind.PRACTITIONER, str(me["id"])) == 2
        assert await only(one, Kind.PRACTITIONER) == me

    with_one(tmp_path, act)


def test_supervision_that_took_place_is_told_and_stops_nothing(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        draft = replace(session_draft(one.family.id), family=None, kind=SessionKind.SUPERVISION)
        draft = replace(draft, starts=draft.starts + timedelta(hours=3))
        planned = await one.work.diary.add(draft)
        assert isinstance(planned, Session)
        await one.work.diary.mark(planned.id, SessionStatus.TOOK_PLACE)
        found = [one_ for one_ in await told(one, Kind.SESSION) if planned.id in str(one_)]
        (made,) = found
        assert isinstance(made, dict)
        assert made["status"] == "fulfilled"
        assert "Patient/" not in json.dumps(made)
        assert await told(one, Kind.VISIT) == []

    with_one(tmp_path, act)


def test_what_a_calendar_file_brought_is_not_told_until_somebody_says_what_it_is(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        store = one.work.practice._store
        brought = replace(
            one.session, id="b" * 32, family=None, kind=SessionKind.OTHER, title="Dentist", uid="d@example"
        )
        await store.run(lambda tx: sessions.add(tx, brought, clock.now()))  # type: ignore[arg-type]
        assert await store.run(lambda tx: outbox.item(tx, Kind.SESSION, brought.id)) is None
        known = replace(brought, kind=SessionKind.SUPERVISION)
        await store.run(lambda tx: sessions.change(tx, known, clock.now()))  # type: ignore[arg-type]
        found = json.dumps([one_ for one_ in await told(one, Kind.SESSION) if isinstance(one_, dict)])
        assert brought.id in found
        assert "Dentist" not in found

    with_one(tmp_path, act)


async def with_picture(one: Tablet) -> RecordingId:
    """A film of a family that agrees to pictures, and one picture of it."""
    draft = consent_draft(one.family, None, Scope.FILM_INTERACTION, Scope.STILLS)
    await one.app.give(replace(draft, amends=one.consent.id))
    film = await one.filmed()
    opened = await one.play(film)
    assert not isinstance(await opened.stills.keep(3, PICTURE), NoStill)
    return film


def test_a_picture_is_told_while_it_is_agreed_to_and_its_removal_always(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await with_picture(one)
        kept = await only(one, Kind.STILL)
        assert kept["partOf"] == [{"reference": f"Media/{film}"}]
        await one.app.withdraw(one.family.id, one.consent.id, frozenset({Scope.STILLS}))
        (held,) = await told(one, Kind.STILL)
        assert held == HeldBack(Withheld.NO_PICTURES)
        await one.work.keeping.erase_pictures(film)
        removed = await only(one, Kind.STILL)
        assert "urn:vigfield:extension:removed" in json.dumps(removed)

    with_one(tmp_path, act)


def test_with_its_film_a_picture_is_gone_too(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await with_picture(one)
        await one.work.erasing.erase(film, Ground.BY_MISTAKE)
        assert "urn:vigfield:extension:removed" in json.dumps(await only(one, Kind.STILL))
        assert "urn:vigfield:extension:erased" in json.dumps(await only(one, Kind.RECORDING))

    with_one(tmp_path, act)


def test_every_entry_of_the_log_is_told_once_as_ids_and_kinds(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await with_picture(one)
        await one.work.people.end(one.family.id, EndingDraft(clock.today(), Ending.MOVED_AWAY, "a note"))
        events: list[Event] = await one.work.practice._store.run(audit.all)
        entries = await told(one, Kind.EVENT)
        assert [one_["id"] for one_ in entries if isinstance(one_, dict)] == [event.id for event in events]
        about = {event.kind: one_.get("entity") for event, one_ in zip(events, entries, strict=True)}  # type: ignore[union-attr]
        patient = [{"what": {"reference": f"Patient/{one.family.infant.id}"}}]
        assert about[Happening.UNLOCKED] is None
        assert about[Happening.FAMILY_ADDED] == about[Happening.FAMILY_ENDED] == patient
        assert about[Happening.CONSENT_SIGNED] == [{"what": {"reference": f"Consent/{one.consent.id}"}}]
        assert about[Happening.SESSION_MARKED] == [{"what": {"reference": f"Appointment/{one.session.id}"}}]
        said = json.dumps(entries)
        assert [text for text in (*NAMES, one.family.id, one.family.code, "moved-away") if text in said] == []

    with_one(tmp_path, act)


def test_an_entry_about_what_is_held_back_names_nothing_and_does_not_wait_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        monkeypatch.setattr(leaving, "_told", lambda *_: leaving.Rule.REFUSES)
        found = await one.work.practice._store.run(
            lambda tx: leaving.puts_of(tx, outbox.waiting(tx, 1000), STRICT)
        )
        assert {held.item.id for held in found.held} == {film}
        assert f"Media/{film}" in found.back
        entries = [put.resource for put in found.puts if put.kind is Kind.EVENT]
        assert len(entries) > 3
        assert film not in json.dumps(entries)

    with_one(tmp_path, act)


def test_the_log_is_counted_apart(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        log = await one.work.telling.log()
        items = await one.work.practice.outbox()
        assert log[Delivery.WAITING] > 3
        assert (await one.work.practice.outbox_counts())[Delivery.WAITING] == len(items)
        assert Kind.EVENT not in {item.kind for item in items}
        assert Kind.EVENT not in {entry.item.kind for entry in await one.work.telling.listed(100)}
        shown = await one.work.telling.next_run(3)
        assert (shown.waiting, shown.logged) == (len(items), log[Delivery.WAITING])
        assert not isinstance(one.work.telling.last, Ended)

    with_one(tmp_path, act)
