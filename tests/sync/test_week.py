"""A week of work made offline arrives whole: at the reference service, and at a server that is not ours."""

import asyncio
import base64
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import fhirkit
import pytest

from tests.app.kit import NAMES, ROOM, Tablet, consent_draft, family_of, session_draft, tablet
from tests.app.test_stills import PICTURE
from tests.app.test_uploading import BOTH
from tests.servers.sekmet import CLIENT, SCOPE, sekmet
from tests.servers.tus_servers import Resumable, TusServer, skip_without
from tests.sync.servers import reference_service
from tests.sync.signed import KEY, b64, enrolment_claims, policy_text
from vigfield import clock
from vigfield.app import DiaryEntry as Entry
from vigfield.app import Ended, Enrolment, Given, PutOff
from vigfield.app.pulling import News
from vigfield.loopback import NoStill
from vigfield.model import (
    ConsentStatus,
    Delivery,
    Family,
    FamilyId,
    Kind,
    Scope,
    Session,
    SessionId,
    SessionKind,
    SessionStatus,
)
from vigfield.seal import Key, PublicKey
from vigfield.sync import FhirClient, Put, enrolment
from vigfield.sync.reply import Answer, Found
from vigfield.sync.same import same

FAMILIES, SESSIONS, FILMS, MAY_GO, WITHDRAWN = 10, 20, 6, 3, 2
Join = Callable[[dict[str, str], dict[str, object]], AbstractContextManager[str]]


def enrolment_file(**here: object) -> str:
    return KEY.sign(enrolment_claims() | here, enrolment.TYPE)


@contextmanager
def reference(folder: Path, _: dict[str, str], video: dict[str, object]) -> Iterator[str]:
    """The reference service; the file with which a tablet joins it."""
    folder.mkdir()
    with reference_service(folder / "service.db") as served:
        yield enrolment_file(
            fhir={"base": served.base},
            auth={"kind": "anyone"},
            tls={"authority": None, "pins": []},
            video=video,
        )


@contextmanager
def second(folder: Path, key: dict[str, str], video: dict[str, object]) -> Iterator[str]:
    """The server of somebody else; the file with which a tablet joins it."""
    folder.mkdir()
    with sekmet(folder, key) as one:
        smart = {"kind": "smart", "token_endpoint": one.token_endpoint, "client_id": CLIENT, "scope": SCOPE}
        yield enrolment_file(
            fhir={"base": one.base},
            auth=smart,
            tls={"authority": one.authority, "pins": []},
            video=video,
        )


async def week(one: Tablet) -> None:
    """Ten families; each has a first meeting and a film day, most agree, some film, two change their mind.

    Three agree that the service may have their film. From one a picture is kept; and there is supervision.
    """
    people = [one]
    await one.app.give(replace(consent_draft(one.family, None, *BOTH), amends=one.consent.id))
    for number in range(1, FAMILIES):
        family, session = await family_of(one.work, f"SE-{number:03}")
        agreed = BOTH if number < MAY_GO else BOTH[:1]
        draft = consent_draft(family, None, *agreed, Scope.STILLS)
        given = await one.work.consenting.give(draft)
        assert isinstance(given, Given)
        people.append(Tablet(one.app, one.work, family, session, given.consent))
    for days, each in enumerate(people):
        await meeting(each, days)
    films = [await each.filmed() for each in people[:FILMS]]
    opened = await people[1].play(films[1])
    assert not isinstance(await opened.stills.keep(3, PICTURE), NoStill)
    supervision = replace(session_draft(one.family.id), family=None, kind=SessionKind.SUPERVISION, room=ROOM)
    assert isinstance(await one.work.diary.add(supervision), Session)
    for each in people[FAMILIES - WITHDRAWN :]:
        await one.app.withdraw(each.family.id)
    await one.work.diary.mark(people[7].session.id, SessionStatus.CANCELLED, "ill")
    await one.work.diary.mark(people[6].session.id, SessionStatus.DID_NOT_ATTEND)


async def meeting(one: Tablet, days: int) -> Session:
    draft = session_draft(FamilyId(one.family.id), SessionKind.FIRST_MEETING)
    session = await one.work.diary.add(replace(draft, starts=draft.starts - timedelta(days=days)))
    assert isinstance(session, Session)
    return session


def problems(resource: dict[str, object]) -> list[str]:
    kind = str(resource["resourceType"])
    getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind).model_validate(resource)
    return [str(issue) for issue in fhirkit.validate(resource)]


async def read_back(one: Tablet, sent: list[tuple[Kind, dict[str, object]]]) -> list[str]:
    """What the server holds otherwise than it was meant."""
    reach = one.work.enrolling.reach
    assert reach is not None
    wrong = []
    async with FhirClient(reach.base, trust=reach.trust, login=reach.login) as client:
        for kind, resource in sent:
            put = Put(kind, str(resource["id"]), 1, resource, "")
            found = await client.read(put)
            if not (isinstance(found, Found) and same(resource, found.resource)):
                wrong.append(f"{put.address}: {found}")
    return wrong


async def publish(one: Tablet) -> None:
    """The office gives a policy that lets films go where everybody agrees."""
    async with at_the_office(one) as desk:
        data = base64.b64encode(policy_text(video={"upload": "with-consent"}, fields=[]).encode()).decode()
        await desk.add("Binary", "policy", contentType="application/jose", data=data)


async def arrives(one: Tablet, join: Join, films: TusServer, key: bytes) -> None:
    await week(one)
    assert {item.delivery for item in await one.work.practice.outbox()} == {Delivery.WAITING}
    video: dict[str, object] = {"tus": films.base, "recipient": b64(key), "kid": "video-1", "token": None}
    with join(await one.work.enrolling.device(), video) as text:
        assert isinstance(await one.work.enrolling.take(text), Enrolment)
        await publish(one)
        ended = await one.work.telling.run()
        assert isinstance(ended, Ended), ended
        assert ended.films == MAY_GO
        items = await one.work.practice.outbox()
        count = await one.work.practice.outbox_counts()
        refused = [(item.kind, item.words) for item in await one.work.practice.outbox() if item.words]
        assert refused == []
        assert count == dict.fromkeys(Delivery, 0) | {Delivery.SENT: len(items)}
        total, left = await one.work.telling.left(1000)
        sent = [(entry.kind, json.loads(entry.text)) for entry in left]
        assert total == len(items)
        assert Counter(kind for kind, _ in sent) == {
            Kind.PRACTITIONER: 1,
            Kind.INFANT: FAMILIES,
            Kind.CAREGIVER: FAMILIES,
            Kind.EPISODE: FAMILIES,
            Kind.SESSION: SESSIONS + 1,
            Kind.VISIT: FILMS,
            Kind.CONSENT: FAMILIES,
            Kind.RECORDING: FILMS,
            Kind.COPY: MAY_GO,
            Kind.STILL: 1,
        }
        logged, log = await one.work.telling.log_left(1000)
        assert await one.work.telling.log() == dict.fromkeys(Delivery, 0) | {Delivery.SENT: logged}
        assert logged == len(log) > 60
        sent += [(entry.kind, json.loads(entry.text)) for entry in log]
        assert [fault for _, resource in sent for fault in problems(resource)] == []
        assert await read_back(one, sent) == []
        said = "".join(entry.text for entry in (*left, *log))
        assert PICTURE not in said.encode()
        assert [name for name in (*NAMES, ROOM) if name in said] == []
        again = await one.work.telling.run()
        assert isinstance(again, Ended)
        assert again.sent == 0
        assert one.work.telling.heard == News()
        assert sealed(films) == await meant(one)
        await office(one)
        assert len(sealed(films)) == MAY_GO - 1


def sealed(films: TusServer) -> set[str]:
    """The digests of what the tus server has."""
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in films.uploads.iterdir()}


async def meant(one: Tablet) -> set[str]:
    """The digests of the sealed parts of the films that may go."""
    found = await one.work.uploading.newest(100)
    assert len(found) == MAY_GO
    return {part.sha256 for each in found for part in each.recording.parts}


async def office(one: Tablet) -> None:
    """While the tablet is away, people at the office move, cancel, add and take back; then it hears of it."""
    families = [entry.family for entry in (await diary(one)) if entry.family is not None]
    other = next(family for family in families if family.id != one.family.id)
    moved, meant, filmed = await sessions_to_change(one)
    new = clock.new_id()
    later = clock.now().replace(microsecond=0) + timedelta(days=3)
    span = {"start": later.isoformat(), "end": (later + timedelta(hours=1)).isoformat()}
    patient = {"actor": {"reference": f"Patient/{other.infant.id}"}, "status": "accepted"}
    garden = {"actor": {"reference": "Location/garden-room"}, "status": "accepted"}
    async with at_the_office(one) as desk:
        await desk.edit("Consent", one.consent.id, status="inactive")
        hour = timedelta(hours=1)
        await desk.edit(
            "Appointment",
            moved.id,
            start=(moved.starts + hour).isoformat(),
            end=(moved.ends + hour).isoformat(),
        )
        await desk.edit("Appointment", meant.id, status="cancelled")
        await desk.edit("Appointment", filmed.id, status="cancelled")
        await desk.add("Location", "garden-room", name="Garden room", status="active")
        await desk.add("Appointment", new, status="booked", participant=[patient, garden], **span)
        await desk.add("Appointment", "of-others", status="booked", participant=[garden], **span)
    ended = await one.work.telling.run()
    assert isinstance(ended, (Ended, PutOff)), ended
    assert one.work.telling.heard == News(withdrawn=1, sessions=3, conflicts=1)
    here = {entry.session.id: entry.session for entry in await diary(one)}
    assert here[moved.id].starts == moved.starts + hour
    assert here[meant.id].status is SessionStatus.CANCELLED
    assert here[filmed.id].status is filmed.status
    assert (here[SessionId(new)].room, here[SessionId(new)].family) == ("Garden room", other.id)
    days = await one.work.diary.between(clock.today(), clock.today() + timedelta(days=5))
    assert [(booking.uid, booking.room) for booking in days.bookings] == [
        ("service:of-others", "Garden room")
    ]
    assert await withdrawn(one, one.family)
    counts = await one.work.practice.outbox_counts()
    assert counts[Delivery.CONFLICT] == 1
    assert isinstance(await one.work.telling.run(), Ended)
    assert one.work.telling.heard == News(withdrawn=1, sessions=3, conflicts=1)


async def diary(one: Tablet) -> tuple[Entry, ...]:
    days = timedelta(days=30)
    return (await one.work.diary.between(clock.today() - days, clock.today() + days)).entries


async def withdrawn(one: Tablet, family: Family) -> bool:
    (found,) = await one.work.consenting.of_family(family.id)
    return found.consent.status is ConsentStatus.WITHDRAWN


async def sessions_to_change(one: Tablet) -> tuple[Session, Session, Session]:
    """Two that are still to come, and one that was filmed."""
    sessions = [entry.session for entry in await diary(one)]
    booked = [session for session in sessions if session.status is SessionStatus.BOOKED]
    filmed = [session for session in sessions if session.status is SessionStatus.TOOK_PLACE]
    return booked[0], booked[1], filmed[0]


class Desk:
    """Somebody at the office, who writes with another program."""

    def __init__(self, base: str, client: FhirClient) -> None:
        self._base = base
        self._client = client

    async def edit(self, kind: str, id_: str, **fields: object) -> None:
        answer = await self._client._ask("GET", f"{self._base}/{kind}/{id_}", None)
        assert isinstance(answer, Answer)
        resource = {key: value for key, value in json.loads(answer.body).items() if key != "meta"}
        await self._put(resource | fields)

    async def add(self, kind: str, id_: str, **fields: object) -> None:
        await self._put({"resourceType": kind, "id": id_, **fields})

    async def _put(self, resource: dict[str, object]) -> None:
        url = f"{self._base}/{resource['resourceType']}/{resource['id']}"
        answer = await self._client._ask("PUT", url, json.dumps(resource).encode())
        assert isinstance(answer, Answer)
        assert answer.status in (200, 201), answer.body


@asynccontextmanager
async def at_the_office(one: Tablet) -> AsyncIterator[Desk]:
    reach = one.work.enrolling.reach
    assert reach is not None
    async with FhirClient(reach.base, trust=reach.trust, login=reach.login) as client:
        yield Desk(reach.base, client)


@pytest.mark.parametrize("server", [reference, second])
def test_a_week_arrives_whole(
    tmp_path: Path,
    server: Callable[[Path, dict[str, str], dict[str, object]], AbstractContextManager[str]],
) -> None:
    skip_without(Resumable)
    films = Resumable(tmp_path / "films")

    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            key = PublicKey.of(Key.random()).data
            await arrives(one, lambda *here: server(tmp_path / "server", *here), films, key)

    films.start()
    try:
        asyncio.run(run())
    finally:
        films.kill()
