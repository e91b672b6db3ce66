"""Random histories of a tablet, its service and people at both: nothing lost, twice, untrue or forbidden.

The vault, the FHIR service, the tus server and HTTP are real; proxies cut, lose and refuse what they are told
to. Every piece of a film is judged when it is about to go, by what the record says and not by the rule.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.app.kit import (
    NAMES,
    PASSPHRASE,
    Tablet,
    consent_draft,
    family_of,
    put_of,
    work_of,
)
from tests.app.test_enrolling import publish
from tests.app.test_uploading import BOTH, Service, joined
from tests.sync.servers import (
    Cut,
    Fault,
    LoseReply,
    Pass,
    Proxy,
    Say,
    foreign_edit,
    held,
    proxy,
)
from tests.sync.signed import b64, policy_text
from vigfield.app import Enrolment, Given, draining, uploading
from vigfield.model import (
    ConsentStatus,
    Delivery,
    Field,
    Ground,
    OutboxItem,
    RecordingId,
    RecordingState,
    SessionStatus,
    Upload,
    UploadState,
    Video,
)
from vigfield.service import Served
from vigfield.store import consents, outbox, recordings
from vigfield.sync.same import same
from vigfield.sync.tus import Tus
from vigfield.sync.upload import Journal, SealedFile, remove

SAMPLE, LONG = 6, 300

FAULTS = st.lists(
    st.sampled_from(
        [
            Pass(),
            Pass(),
            Pass(),
            LoseReply(),
            Cut(),
            Say("500 Oh no"),
            Say("503 Later", b"", ("Retry-After: 1",)),
            Say("200 OK", b"?"),
            Say("413 Too Large"),
        ]
    ),
    max_size=7,
)
STATES = st.sampled_from([SessionStatus.ARRIVED, SessionStatus.CANCELLED, SessionStatus.BOOKED])
STEPS = st.lists(
    st.tuples(st.just("edit"), STATES)
    | st.tuples(st.just("film"), st.none())
    | st.tuples(st.just("withdraw"), st.none())
    | st.tuples(st.just("agree"), st.booleans())
    | st.tuples(st.just("policy"), st.tuples(st.booleans(), st.sampled_from(Video)))
    | st.tuples(st.just("send"), st.tuples(FAULTS, FAULTS))
    | st.tuples(st.just("send"), st.just(([], [])))
    | st.tuples(st.just("crash"), st.tuples(FAULTS, st.just([])))
    | st.tuples(st.just("crash in a film"), st.tuples(st.just([]), FAULTS))
    | st.tuples(st.just("erase"), st.sampled_from(Ground))
    | st.tuples(st.just("restart"), st.none())
    | st.tuples(st.just("move there"), st.integers(1, 5))
    | st.tuples(st.just("cancel there"), st.none())
    | st.tuples(st.just("withdraw there"), st.none())
    | st.tuples(st.just("decide"), st.sampled_from(["ours", "theirs"])),
    min_size=3,
    max_size=10,
)
Step = tuple[str, object]
NO_FAULTS: tuple[list[Fault], list[Fault]] = ([], [])
A_FILM_AND_ITS_END: list[Step] = [
    ("film", None),
    ("crash in a film", ([], [LoseReply(), Pass(), Cut()])),
    ("send", NO_FAULTS),
    ("agree", False),
    ("send", NO_FAULTS),
]
happened: Counter[str] = Counter()


@dataclass
class Story:
    """One family of a tablet that has many, and what people at the office did to it."""

    one: Tablet
    service: Service
    between: Proxy
    on_the_way: Proxy  # to the tus server
    policies: Iterator[int]
    touched: set[str] = field(default_factory=set)  # addresses that the office wrote since we last did
    withdrawn: bool = False
    films: int = 0

    @property
    def served(self) -> Served:
        return self.service.served

    @property
    def addresses(self) -> dict[str, str]:
        """Where the office may write."""
        return {"session": f"Appointment/{self.one.session.id}", "consent": f"Consent/{self.one.consent.id}"}

    async def there(self, address: str) -> dict[str, object] | None:
        answer = await asyncio.to_thread(held, self.served.base, address)
        return answer.json() if answer.status_code == 200 else None

    async def items(self) -> list[OutboxItem]:
        """The outbox's items of this family."""
        mine = {self.one.family.infant.id, self.one.family.caregivers[0].id, self.one.session.id}
        mine |= {self.one.consent.id}
        visit = await self.one.work.practice.visit(self.one.session.id)
        mine |= {film.id for film in visit.films}
        return [item for item in await self.one.work.practice.outbox() if item.id in mine]


async def begin(
    one: Tablet, service: Service, proxies: tuple[Proxy, Proxy], number: int, policies: Iterator[int]
) -> Story:
    family, session = await family_of(one.work, f"H-{number}")
    given_ = await one.work.consenting.give(consent_draft(family, None, *BOTH))
    assert isinstance(given_, Given)
    mine = Tablet(one.app, one.work, family, session, given_.consent)
    return Story(mine, service, *proxies, policies)


async def take(tale: Story, step: Step) -> None:
    what, detail = step
    one = tale.one
    match what:
        case "edit":
            assert isinstance(detail, SessionStatus)
            await one.work.diary.mark(one.session.id, detail, "ill")
        case "film":
            with suppress(AssertionError):  # refused once consent is gone
                await one.filmed(2)
                tale.films += 1
        case "withdraw":
            await one.app.withdraw(one.family.id)
            tale.withdrawn = True
        case "agree":
            scopes = BOTH if detail else BOTH[:1]
            draft = replace(consent_draft(one.family, None, *scopes), amends=one.consent.id)
            await one.app.give(draft)  # Invalid once all was taken back
        case "policy":
            assert isinstance(detail, tuple)
            fields = [Field.BIRTH_DATE.value] if detail[0] else []
            text = policy_text(next(tale.policies), fields=fields, video={"upload": detail[1].value})
            await publish(tale.served, text)
        case "erase":
            assert isinstance(detail, Ground)
            visit = await one.work.practice.visit(one.session.id)
            if visit.films:
                await one.work.erasing.erase(visit.films[0].id, detail)
        case "send" | "crash" | "crash in a film":
            assert isinstance(detail, tuple)
            await _send(tale, *detail, crash=what)
        case "restart":
            await _restart(tale)
        case "decide":
            await _decide(tale, ours=detail == "ours")
        case _:
            await _office(tale, what, detail)


async def _send(tale: Story, faults: list[Fault], of_films: list[Fault], *, crash: str) -> None:
    await asyncio.gather(*tale.one.app._tasks)
    seen = len(tale.between.seen)
    tale.between.faults[:] = list(faults)
    tale.on_the_way.faults[:] = list(of_films)
    if crash == "crash":
        await _crash(tale, draining.Drained, "settle")
    elif crash == "crash in a film":
        await _crash(tale, uploading._Journal, "reached")
    else:
        await tale.one.work.telling.run()
    tale.between.faults.clear()
    tale.on_the_way.faults.clear()
    policy = tale.one.work.enrolling.inforce.policy
    bodies = b"".join(tale.between.seen[seen:])
    if Field.BIRTH_DATE not in policy.fields:
        assert b"birthDate" not in bodies
    assert [name for name in NAMES if name.encode() in bodies] == []
    if crash:
        await _restart(tale)


class Killed(Exception):
    """Stands for a process that is gone: what the service answered is not stored any more."""


async def _crash(tale: Story, kind: type, verb: str) -> None:
    """The process ends after the service has answered, before the answer is stored."""

    async def gone(*_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, verb, gone)
        with suppress(Killed):
            await tale.one.work.telling.run()
            happened["crash with nothing to store"] += 1


async def _restart(tale: Story) -> None:
    await tale.one.app.lock()
    await tale.one.app.unlock(PASSPHRASE)
    tale.one.work = work_of(tale.one.app)
    await asyncio.gather(*tale.one.app._tasks)


async def _office(tale: Story, what: str, detail: object) -> None:
    address = tale.addresses["consent" if what == "withdraw there" else "session"]
    if await tale.there(address) is None:
        return
    session = tale.one.session
    fields: dict[str, object] = {"status": "inactive" if what == "withdraw there" else "cancelled"}
    if what == "move there":
        assert isinstance(detail, int)
        by = timedelta(hours=detail)
        fields = {"start": (session.starts + by).isoformat(), "end": (session.ends + by).isoformat()}
    await asyncio.to_thread(foreign_edit, tale.served.base, address, fields)
    tale.touched.add(address)
    tale.withdrawn = tale.withdrawn or what == "withdraw there"


async def _decide(tale: Story, *, ours: bool) -> None:
    deciding = tale.one.work.telling.deciding
    for item in await tale.items():
        if item.delivery is Delivery.CONFLICT:
            happened["decided"] += 1
            await (deciding.keep_ours if ours else deciding.take_theirs)(item.kind, item.id)


async def check(tale: Story) -> None:
    """Whatever is called sent, the service has, as it was acknowledged or as somebody changed it since."""
    await asyncio.gather(*tale.one.app._tasks)
    items = await tale.items()
    assert len({item.kind for item in items}) >= 4
    policy = tale.one.work.enrolling.inforce.policy
    for item in items:
        happened[item.delivery.value] += 1
        put = await tale.one.work.practice._store.run(partial(put_of, item=item, policy=policy))
        answer = await asyncio.to_thread(held, tale.served.base, put.address)
        if item.delivery is Delivery.SENT:
            assert answer.status_code == 200, put.address
            assert answer.headers["ETag"] == item.etag or put.address in tale.touched
        if answer.status_code == 200:
            assert item.tried > 0, "it is there, and nobody wrote down that it left"


async def check_films(tale: Story, *, in_the_end: bool = False) -> None:
    """What is called whole is at the service, byte for byte; what is called removed is not there."""
    visit = await tale.one.work.practice.visit(tale.one.session.id)
    for film in visit.films:
        upload = await tale.one.work.uploading.of(film.id)
        if upload is None:
            assert not (in_the_end and await _may_go(tale.one, film.id))
            continue
        happened[f"film {upload.state.value}"] += 1
        digests = {part.number: part.sha256 for part in film.parts}
        for part in upload.parts:
            file = tale.service.films.file(part.location) if part.location else None
            if upload.state is UploadState.WHOLE:
                assert file is not None
                assert hashlib.sha256(file.read_bytes()).hexdigest() == digests[part.number]
            elif upload.state is UploadState.TAKEN_BACK and upload.removed:
                assert file is None
        if in_the_end:
            await _ended(tale, film.id, upload)


async def _ended(tale: Story, recording: RecordingId, upload: Upload) -> None:
    """Without faults every film comes to rest, and the service's record says where it is."""
    assert upload.state in (UploadState.WHOLE, UploadState.TAKEN_BACK)
    if await _may_go(tale.one, recording):
        assert upload.state is UploadState.WHOLE
    elif tale.withdrawn:
        assert upload.state is UploadState.TAKEN_BACK
    document = await tale.there(f"DocumentReference/{recording}")
    if document is not None:
        whole = upload.state is UploadState.WHOLE
        assert document["status"] == ("current" if whole else "superseded")
    else:
        assert upload.state is UploadState.TAKEN_BACK


async def _may_go(one: Tablet, recording: RecordingId) -> bool:
    """Whether the record has everything that a film's way rests on; read off it, not asked of the rule."""
    work = one.app._work  # of the vault as it is open now
    if work is None or work.enrolling.inforce.policy.video is not Video.WITH_CONSENT:
        return False

    def read(tx: outbox.Tx) -> bool:
        film = recordings.get(tx, recording)
        assert film is not None
        newest = consents.newest_of_family(tx, film.family)
        agreed = all(set(BOTH) <= given_.agreed for given_ in newest)
        stands = all(given_.status is not ConsentStatus.WITHDRAWN for given_ in newest)
        return agreed and stands and film.state in (RecordingState.WHOLE, RecordingState.INTERRUPTED)

    return await work.practice._store.run(read)


class Judged:
    """A journal whose every yes is compared with what the record says at that moment."""

    def __init__(self, one: Tablet, recording: RecordingId, journal: Journal) -> None:
        self.one, self.recording, self.journal = one, recording, journal
        self.created, self.reached = journal.created, journal.reached

    async def may_go_on(self) -> bool:
        said = await self.journal.may_go_on()
        happened[f"a piece {'may go' if said else 'may not go'}"] += 1
        assert not said or await _may_go(self.one, self.recording)
        return said


def judging(one: Tablet, patch: pytest.MonkeyPatch) -> None:
    """Judge every piece of every film, in pieces of a kilobyte and without waiting between two tries."""
    send = uploading.upload

    async def judged(tus: Tus, file: SealedFile, location: str, journal: Journal) -> object:
        told = Judged(one, RecordingId(file.metadata["recording"]), journal)
        return await send(tus, file, location, told, chunk=1000, pauses=(0.0, 0.0, 0.0))

    async def taken(tus: Tus, location: str) -> object:
        return await remove(tus, location, pauses=(0.0, 0.0))

    patch.setattr(uploading, "upload", judged)
    patch.setattr(uploading, "remove", taken)


async def end_well(tale: Story) -> None:
    """Without faults, and with every conflict decided for ours, both sides come to say the same."""
    for _ in range(4):
        await asyncio.gather(*tale.one.app._tasks)
        await tale.one.work.telling.run()
        await asyncio.gather(*tale.one.app._tasks)
        for item in await tale.items():
            if item.delivery is Delivery.REFUSED:
                await tale.one.work.telling.deciding.retry(item.kind, item.id)
        await _decide(tale, ours=True)
    policy = tale.one.work.enrolling.inforce.policy
    for item in await tale.items():
        assert item.delivery in (Delivery.SENT, Delivery.LEFT), item
        put = await tale.one.work.practice._store.run(partial(put_of, item=item, policy=policy))
        there = await tale.there(put.address)
        assert there is not None
        if item.delivery is Delivery.SENT and put.address not in tale.touched:
            ours = await tale.one.work.practice._store.run(partial(_as_sent, item=item))
            assert same(ours, there), (put.address, there)
    visit = await tale.one.work.practice.visit(tale.one.session.id)
    assert len(visit.films) == tale.films
    await check_films(tale, in_the_end=True)
    (consent,) = await tale.one.work.consenting.of_family(tale.one.family.id)
    assert (consent.consent.status is ConsentStatus.WITHDRAWN) == tale.withdrawn
    told = (await asyncio.to_thread(held, tale.served.base, tale.addresses["consent"])).json()
    assert (told["status"] == "inactive") == tale.withdrawn


def _as_sent(tx: outbox.Tx, item: OutboxItem) -> dict[str, object]:
    """What left of an item's newest version: a policy that came later may spell it otherwise."""

    row = tx.one(
        "SELECT text FROM handed WHERE kind = ? AND id = ? AND version = ? ORDER BY last DESC, seq DESC",
        item.kind.value,
        item.id,
        item.version,
    )
    assert row is not None
    found: dict[str, object] = json.loads(row["text"])
    return found


def live(folder: Path, examples: int) -> None:
    numbers, policies = count(), count(1000)

    async def go(one: Tablet, service: Service, proxies: tuple[Proxy, Proxy], steps: list[Step]) -> None:
        tale = await begin(one, service, proxies, next(numbers), policies)
        for step in steps:
            happened[step[0]] += 1
            await take(tale, step)
            await check(tale)
            await check_films(tale)
            one.work = tale.one.work
        await end_well(tale)

    async def every() -> None:
        with pytest.MonkeyPatch.context() as patch:
            async with joined(folder, *BOTH) as (one, service), proxied(one, service) as proxies:
                judging(one, patch)
                inner = asyncio.get_running_loop()

                @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
                @given(STEPS)
                @example(A_FILM_AND_ITS_END)
                def walk(steps: list[Step]) -> None:
                    asyncio.run_coroutine_threadsafe(go(one, service, proxies, steps), inner).result()

                await asyncio.to_thread(walk)

    asyncio.run(every())


@asynccontextmanager
async def proxied(one: Tablet, service: Service) -> AsyncIterator[tuple[Proxy, Proxy]]:
    """Both servers behind proxies, and the tablet joined to them there."""
    async with proxy(service.served.port) as between, proxy(service.films.port) as films:
        video = {"tus": f"http://127.0.0.1:{films.port}/files", "recipient": b64(service.public)}
        video |= {"kid": "video-1", "token": None}
        text = service.file(fhir={"base": between.base}, video=video)
        assert isinstance(await one.work.enrolling.take(text), Enrolment)
        yield between, films


def test_no_history_loses_doubles_or_misstates_anything(tmp_path: Path) -> None:
    live(tmp_path, SAMPLE)
    assert happened["sent"] > 0
    assert happened["a piece may go"] > 0


@pytest.mark.long
def test_three_hundred_histories(tmp_path: Path) -> None:
    live(tmp_path, LONG)
    print(dict(happened))
