"""Everything that the app can do, under a policy that forbids films and one that allows them: what leaves."""

import asyncio
import base64
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.kit import CODE, Tablet, consent_draft, film, session_draft, tablet
from tests.app.test_enrolling import joined, publish
from tests.app.test_stills import PICTURE
from tests.app.test_uploading import joined as uploads_joined
from tests.sync.servers import proxy, reference_service
from tests.sync.signed import b64, policy_text
from vigfield import clock
from vigfield.app import (
    CaregiverDraft,
    DetailsDraft,
    EndingDraft,
    Enrolment,
    HoldDraft,
    Invalid,
    OtherDraft,
)
from vigfield.model import (
    Ending,
    Family,
    Field,
    Footing,
    Ground,
    HoldKind,
    RecordingId,
    Referral,
    Relationship,
    Scope,
    SessionStatus,
    TypedSignature,
)

WINDOW = 16  # bytes of media that must not be in anything that leaves
SECRETS = {
    "infant": "Xanthippe-Aurelia",
    "born": "2026-09-17",
    "caregiver": "Zebulonia Quillfeather",
    "contact": "0131 496 0719",
    "language": "Volapük",
    "other": "Prunella Vossenkamer",
    "who": "great-aunt-by-marriage",
    "referral": "Tollcross surgery",
    "reason": "sleepless since Candlemas",
    "question": "How does she tell me enough",
    "court": "residence order 77/26",
    "authority": "Stirlingshire council",
    "room": "Bluebell parlour",
    "note": "the dog is called Bismarck",
    "cancelled": "chickenpox in the house",
    "ending": "moved to Unst by ferry",
    "hold": "complaint about parking",
    "signature": "Z. Q. Quillfeather-Smith",
    "interpreter": "Madame Interprète Dupont",
    "practitioner": "Ottoline Practitioner",
}


@contextmanager
def connections() -> Iterator[set[object]]:
    """Every address that this process connects a socket to; an audit hook cannot be taken away again."""
    to: set[object] = set()
    on = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if on and event == "socket.connect":
            to.add(arguments[1])

    sys.addaudithook(hook)
    try:
        yield to
    finally:
        on = False


async def a_full_record(one: Tablet) -> list[RecordingId]:
    """Something in every field, and everything that a practitioner can do; the films that were made."""
    work, family = one.work, one.family
    referral = Referral(SECRETS["referral"], clock.today(), SECRETS["reason"], SECRETS["question"])
    details = DetailsDraft(
        family.code, SECRETS["infant"], SECRETS["born"], referral, 4, SECRETS["court"], SECRETS["authority"]
    )
    assert not isinstance(await work.people.change(family.id, details), Invalid)
    mother = CaregiverDraft(
        SECRETS["caregiver"],
        Relationship.MOTHER,
        SECRETS["contact"],
        language=SECRETS["language"],
        interpreter=True,
    )
    assert isinstance(await work.people.put_caregiver(family.id, mother, family.caregivers[0].id), Family)
    await work.people.put_other(family.id, OtherDraft(SECRETS["other"], SECRETS["who"], adult=True))
    await work.consenting.call_practitioner(SECRETS["practitioner"])
    every = replace(
        consent_draft(family, None, *Scope),
        footing=Footing.PARENTAL_RESPONSIBILITY,
        signature=TypedSignature(SECRETS["signature"]),
        interpreter=SECRETS["interpreter"],
        practitioner=SECRETS["practitioner"],
        also_present=SECRETS["other"],
        shown=SECRETS["note"],
    )
    await one.app.give(every)
    return [await one.filmed(12), await one.filmed(20)]


async def and_more(one: Tablet, films: list[RecordingId]) -> None:
    """What follows a film: pictures, a hold, an erasure, cancellations, a withdrawal, an ending."""
    work = one.work
    opened = await one.play(films[1])
    await opened.stills.keep(3, PICTURE)
    hold = await work.keeping.hold(one.family.id, HoldDraft(HoldKind.LEGAL, SECRETS["hold"]))
    assert not isinstance(hold, Invalid)
    await work.keeping.lift(one.family.id, HoldDraft(HoldKind.LEGAL, SECRETS["hold"]))
    await work.erasing.erase(films[0], Ground.BY_MISTAKE)
    first = session_draft(one.family.id)
    first = replace(
        first, starts=first.starts + timedelta(days=7), room=SECRETS["room"], note=SECRETS["note"]
    )
    proposed = await work.diary.propose(first, 7, 2, with_reviews=True)
    assert isinstance(await work.diary.plan([proposal.draft for proposal in proposed]), list)
    days = await work.diary.between(clock.today() + timedelta(days=1), clock.today() + timedelta(days=40))
    await work.diary.mark(days.entries[0].session.id, SessionStatus.CANCELLED, SECRETS["cancelled"])
    await work.people.end(one.family.id, EndingDraft(clock.today(), Ending.MOVED_AWAY, SECRETS["ending"]))
    await one.app.withdraw(one.family.id)
    await one.work.telling.next_run(100)
    await work.enrolling.capability()


def spelled(text: str) -> set[bytes]:
    """A text as it may be on the wire."""
    plain = text.encode()
    whole = {plain, urllib.parse.quote(text).encode(), plain.hex().encode(), base64.b64encode(plain)}
    escaped = text.encode("ascii", "backslashreplace")
    return whole | {escaped, text.lower().encode(), text.upper().encode()}


def windows(data: bytes) -> set[bytes]:
    return {data[at : at + WINDOW] for at in range(len(data) - WINDOW + 1)}


def encoded(piece: bytes) -> set[bytes]:
    """A piece as base64 has it at each of three places, and as hexadecimal."""
    inner = {base64.b64encode(b"\0" * shift + piece)[4:-4] for shift in range(3)}
    return inner | {piece.hex().encode()}


LISTED = {
    "infant-name": "infant",
    "birth-date": "born",
    "caregiver-name": "caregiver",
    "caregiver-contact": "contact",
    "practitioner-name": "practitioner",
    "cancel-reason": "cancelled",
}
"""What a policy may list, and which secret leaves with it; the ending is a code, and no room is one here."""


@pytest.mark.parametrize(
    "fields", [[], ["birth-date"], [*map(str, Field)]], ids=["strict", "birth-date", "everything"]
)
def test_nothing_leaves_but_what_is_listed(tmp_path: Path, fields: list[str]) -> None:
    async def run(served_port: int, served: object) -> tuple[list[bytes], list[bytes], set[object]]:
        async with proxy(served_port) as between, tablet(tmp_path / "vault") as one:
            await publish(served, policy_text(fields=fields, video={"upload": "never"}))  # type: ignore[arg-type]
            with connections() as to:
                await joined(one, between)
                films = await a_full_record(one)
                await asyncio.gather(*one.app._tasks)
                sealed = [path.read_bytes() for path in (tmp_path / "vault" / "media").iterdir()]
                await one.work.telling.run()
                await and_more(one, films)
                await asyncio.gather(*one.app._tasks)
                await one.work.telling.run()
            sealed += [path.read_bytes() for path in (tmp_path / "vault").rglob("*") if path.is_file()]
            allowed = {("127.0.0.1", between.port), ("127.0.0.1", served_port)}
            assert {one_[:2] for one_ in to if isinstance(one_, tuple)} <= allowed
            return list(between.seen), sealed, to

    with reference_service(tmp_path / "service.db") as served:
        seen, sealed, to = asyncio.run(run(served.port, served))
    wire = b"\n".join(seen)
    assert to
    assert wire.count(b"POST /fhir ") >= 2
    assert CODE.encode() in wire
    left = {name for name, text in SECRETS.items() if any(form in wire for form in spelled(text))}
    assert left == {LISTED[field] for field in fields if field in LISTED}
    inside = windows(wire)
    head, fragments = film(20)
    media = [*sealed, head, *fragments, PICTURE]
    assert sum(map(len, media)) > 50_000
    for data in media:
        if len(data) >= WINDOW and len(set(data)) > 8:
            assert windows(data).isdisjoint(inside) or _is_text(data)
            for at in range(0, len(data) - 48, 2003):
                assert not any(form in wire for form in encoded(data[at : at + 48]))


def test_where_films_may_go_only_sealed_bytes_of_them_leave(tmp_path: Path) -> None:
    async def run() -> tuple[list[bytes], list[bytes], list[bytes]]:
        async with (
            uploads_joined(tmp_path, *Scope) as (one, service),
            proxy(service.served.port) as told,
            proxy(service.films.port) as films,
        ):
            video = {"tus": f"http://127.0.0.1:{films.port}/files", "recipient": b64(service.public)}
            text = service.file(fhir={"base": told.base}, video={**video, "kid": "video-1", "token": None})
            with connections() as to:
                assert isinstance(await one.work.enrolling.take(text), Enrolment)
                made = await a_full_record(one)
                await asyncio.gather(*one.app._tasks)
                sealed = [path.read_bytes() for path in (tmp_path / "vault" / "media").glob("*.film")]
                await one.work.telling.run()
                await and_more(one, made)
                await asyncio.gather(*one.app._tasks)
                await one.work.telling.run()
            ports = {told.port, films.port, service.served.port, service.films.port}
            assert {address[1] for address in to if isinstance(address, tuple)} <= ports
            return list(told.seen), list(films.seen), sealed

    told, films, sealed = asyncio.run(run())
    chunks, heads = pieces(films)
    assert len(sealed) == 2
    assert sum(map(len, chunks)) >= sum(map(len, sealed))
    assert [chunk for chunk in chunks if not any(chunk in data for data in sealed)] == []
    wire = b"\n".join([*told, *heads, *chunks])
    assert {name for name, text in SECRETS.items() if any(form in wire for form in spelled(text))} == set()
    head, fragments = film(20)
    plain = windows(b"".join([head, *fragments, PICTURE]))
    assert plain.isdisjoint(windows(wire))
    without = windows(b"\n".join([*told, *heads]))
    for data in sealed:
        assert windows(data).isdisjoint(without)


def pieces(messages: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """The chunks of films in messages to a tus server, and everything else; no other request has a body."""
    parted = [message.partition(b"\r\n\r\n") for message in messages]
    chunks = [body for head, _, body in parted if head.startswith(b"PATCH ")]
    others = [body for head, _, body in parted if not head.startswith(b"PATCH ")]
    assert b"".join(others) == b""
    return chunks, [head for head, _, _ in parted]


def _is_text(data: bytes) -> bool:
    """The vault's header is JSON of numbers and sealed slots; it holds no media."""
    return data[:1] == b"{"
