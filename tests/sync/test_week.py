"""A week of work made offline arrives whole: at the reference service, and at a server that is not ours."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import fhirkit
import pytest

from tests.app.kit import NAMES, ROOM, Tablet, consent_draft, family_of, session_draft, tablet
from tests.servers.sekmet import CLIENT, SCOPE, sekmet
from tests.sync.servers import reference_service
from tests.sync.signed import KEY, enrolment_claims
from vigfield.app import Ended, Enrolment, Given
from vigfield.model import Delivery, FamilyId, Kind, Session, SessionKind, SessionStatus
from vigfield.sync import FhirClient, Put, enrolment
from vigfield.sync.reply import Found
from vigfield.sync.same import same

FAMILIES, SESSIONS, FILMS, WITHDRAWN = 10, 20, 6, 2


def enrolment_file(**here: object) -> str:
    return KEY.sign(enrolment_claims() | here, enrolment.TYPE)


@contextmanager
def reference(folder: Path, _: dict[str, str]) -> Iterator[str]:
    """The reference service; the file with which a tablet joins it."""
    folder.mkdir()
    with reference_service(folder / "service.db") as served:
        yield enrolment_file(
            fhir={"base": served.base}, auth={"kind": "anyone"}, tls={"authority": None, "pins": []}
        )


@contextmanager
def second(folder: Path, key: dict[str, str]) -> Iterator[str]:
    """The server of somebody else; the file with which a tablet joins it."""
    folder.mkdir()
    with sekmet(folder, key) as one:
        smart = {"kind": "smart", "token_endpoint": one.token_endpoint, "client_id": CLIENT, "scope": SCOPE}
        yield enrolment_file(
            fhir={"base": one.base}, auth=smart, tls={"authority": one.authority, "pins": []}
        )


async def week(one: Tablet) -> None:
    """Ten families; each has a first meeting and a film day, most agree, some film, two change their mind."""
    people = [one]
    for number in range(1, FAMILIES):
        family, session = await family_of(one.work, f"SE-{number:03}")
        given = await one.work.consenting.give(consent_draft(family))
        assert isinstance(given, Given)
        people.append(Tablet(one.app, one.work, family, session, given.consent))
    for days, each in enumerate(people):
        await meeting(each, days)
    for each in people[:FILMS]:
        await each.filmed()
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


async def arrives(one: Tablet, join: Callable[[dict[str, str]], AbstractContextManager[str]]) -> None:
    await week(one)
    items = await one.work.practice.outbox()
    assert {item.delivery for item in items} == {Delivery.WAITING}
    with join(await one.work.enrolling.device()) as text:
        assert isinstance(await one.work.enrolling.take(text), Enrolment)
        ended = await one.work.telling.run()
        assert isinstance(ended, Ended), ended
        count = await one.work.practice.outbox_counts()
        refused = [(item.kind, item.words) for item in await one.work.practice.outbox() if item.words]
        assert refused == []
        assert count == dict.fromkeys(Delivery, 0) | {Delivery.SENT: len(items)}
        total, left = await one.work.telling.left(1000)
        sent = [(entry.kind, json.loads(entry.text)) for entry in left]
        assert total == len(items)
        assert Counter(kind for kind, _ in sent) == {
            Kind.INFANT: FAMILIES,
            Kind.CAREGIVER: FAMILIES,
            Kind.SESSION: SESSIONS,
            Kind.VISIT: FILMS,
            Kind.CONSENT: FAMILIES,
            Kind.RECORDING: FILMS,
        }
        assert [fault for _, resource in sent for fault in problems(resource)] == []
        assert await read_back(one, sent) == []
        said = "".join(entry.text for entry in left)
        assert [name for name in (*NAMES, ROOM) if name in said] == []
        again = await one.work.telling.run()
        assert isinstance(again, Ended)
        assert again.sent == 0


@pytest.mark.parametrize("server", [reference, second])
def test_a_week_arrives_whole(
    tmp_path: Path, server: Callable[[Path, dict[str, str]], AbstractContextManager[str]]
) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            await arrives(one, lambda key: server(tmp_path / "server", key))

    asyncio.run(run())
