"""A sealed film goes to the service only where policy, consents and network agree, and comes back."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from tests.app.kit import Around, Tablet, consent_draft, tablet, until
from tests.app.test_enrolling import again, publish
from tests.servers.tus_servers import Node, Resumable, Silent, TusServer, skip_without
from tests.sync.servers import ask, reference_service
from tests.sync.signed import KEY, b64, enrolment_claims, policy_text
from vigfield import keyholder
from vigfield.app import Ended, Enrolment, Given, PutOff, uploading
from vigfield.model import (
    Delivery,
    Ground,
    Kind,
    Network,
    Recording,
    RecordingId,
    Scope,
    Snag,
    Upload,
    UploadState,
)
from vigfield.rules import Reason, Refused, Step
from vigfield.seal import Key, PublicKey
from vigfield.service import Served
from vigfield.store import audit, uploads
from vigfield.store.audit import Happening
from vigfield.sync import Why, enrolment
from vigfield.unseal import Film, open_film

BOTH = (Scope.FILM_INTERACTION, Scope.SEND_VIDEO)
MAY: dict[str, object] = {"video": {"upload": "with-consent"}, "fields": []}
NEVER = {"video": {"upload": "never"}}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between two tries: the course of an upload has its own tests."""
    none = (0.0, 0.0, 0.0)
    monkeypatch.setattr(uploading, "upload", partial(uploading.upload, pauses=none))
    monkeypatch.setattr(uploading, "remove", partial(uploading.remove, pauses=none))


@dataclass
class Service:
    """The FHIR service, the tus server, and the key for films, whose private half is in a file."""

    served: Served
    films: TusServer
    key: Path
    public: bytes
    versions: int = 10

    async def policy(self, **changed: object) -> None:
        self.versions += 1
        await publish(self.served, policy_text(self.versions, **changed))

    def file(self, **changed: object) -> str:
        video = {"tus": self.films.base, "recipient": b64(self.public), "kid": "video-1", "token": None}
        here: dict[str, object] = {"fhir": {"base": self.served.base}, "auth": {"kind": "anyone"}}
        here |= {"tls": {"authority": None, "pins": []}, "video": video}
        return KEY.sign(enrolment_claims() | here | changed, enrolment.TYPE)

    def stored(self) -> list[bytes]:
        """What the tus server has on its disk, of all uploads."""
        return [path.read_bytes() for path in self.films.uploads.iterdir() if path.suffix != ".json"]

    async def there(self, address: str) -> dict[str, object]:
        answer = await asyncio.to_thread(ask, self.served.base, "GET", address)
        answer.raise_for_status()
        found: dict[str, object] = answer.json()
        return found


@asynccontextmanager
async def joined(
    folder: Path, *agreed: Scope, kind: type[TusServer] = Resumable, around: Around | None = None
) -> AsyncIterator[tuple[Tablet, Service]]:
    """A tablet that has joined a service which may have films, with a family that agreed to `agreed`."""
    skip_without(kind)
    public = keyholder.make_video_pair(folder / "video.key")
    assert not isinstance(public, keyholder.Trouble)
    private = keyholder.private_key(folder / "video.key", keyholder.VIDEO)
    assert isinstance(private, Key)
    films = kind(folder / "films")
    films.start()
    try:
        with reference_service(folder / "service.db") as served:
            async with tablet(folder / "vault", around=around) as one:
                service = Service(served, films, folder / "video.key", PublicKey.of(private).data)
                await service.policy(**MAY)
                assert isinstance(await one.work.enrolling.take(service.file()), Enrolment)
                await agree(one, *agreed)
                yield one, service
    finally:
        films.kill()


async def agree(one: Tablet, *scopes: Scope) -> None:
    given = await one.app.give(consent_draft(one.family, None, *scopes))
    assert isinstance(given, Given)
    one.consent = given.consent
    await quiet(one)


async def quiet(one: Tablet) -> None:
    """Every run that began by itself has ended."""
    await asyncio.gather(*one.app._tasks)


async def standing(one: Tablet, recording: RecordingId) -> Upload | None:
    return await one.work.practice._store.run(lambda tx: uploads.get(tx, recording))


async def sent(one: Tablet) -> RecordingId:
    """A film that was made, and whatever runs follow by themselves."""
    recording = await one.filmed()
    await quiet(one)
    return recording


def run(act: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(act())  # type: ignore[arg-type]


def unsealed(service: Service, document: dict[str, object], folder: Path) -> Film:
    """What `vigfield unseal` makes of what arrived."""
    files = []
    for number, data in enumerate(service.stored()):
        files.append(folder / f"arrived-{number}")
        files[-1].write_bytes(data)
    opened = open_film(json.dumps(document).encode(), service.key, files, folder / "film.mp4")
    assert isinstance(opened, Film), opened
    return opened


@pytest.mark.parametrize("kind", [Resumable, Silent, Node])
def test_a_film_that_may_go_arrives_whole_and_the_service_opens_it(
    tmp_path: Path, kind: type[TusServer]
) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH, kind=kind) as (one, service):
            recording = await sent(one)
            found = await standing(one, recording)
            assert found is not None
            assert (found.state, found.policy) == (UploadState.WHOLE, service.versions)
            (part,) = found.parts
            assert (part.arrived, part.verified) == (True, kind is not Silent)
            film = await one.recording()
            assert part.reached == film.parts[0].sealed_bytes
            (data,) = service.stored()
            assert hashlib.sha256(data).hexdigest() == film.parts[0].sha256
            document = await service.there(f"DocumentReference/{recording}")
            assert document["status"] == "current"
            assert unsealed(service, document, tmp_path).parts == 1
            await again(one)
            await quiet(one)
            assert service.stored() == [data]

    run(act)


def test_what_happened_is_written_down(tmp_path: Path) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, _):
            recording = await sent(one)
            await one.app.withdraw(one.family.id)
            await quiet(one)
            events = await one.work.practice._store.run(lambda tx: audit.of(tx, recording))
            kinds = [event.kind for event in events]
            expected = [
                Happening.FILM_SENDING_BEGAN,
                Happening.FILM_SENT,
                Happening.FILM_TAKING_BACK,
                Happening.FILM_TAKEN_BACK,
            ]
            assert [kind for kind in kinds if kind in expected] == expected

    run(act)


async def forbidden_by_scope(one: Tablet, service: Service) -> None:
    await agree(one, Scope.FILM_INTERACTION)


async def forbidden_by_policy(one: Tablet, service: Service) -> None:
    await service.policy(**NEVER)


async def forbidden_by_expiry(one: Tablet, service: Service) -> None:
    one.work.enrolling.inforce.kept = one.work.enrolling.inforce.default


async def withdrawn_before(one: Tablet, service: Service) -> None:
    await agree(one, *BOTH)
    await one.app.withdraw(one.family.id, one.consent.id, frozenset({Scope.SEND_VIDEO}))


@pytest.mark.parametrize("forbid", [forbidden_by_scope, forbidden_by_policy, withdrawn_before])
def test_a_film_that_may_not_go_stays(
    tmp_path: Path, forbid: Callable[[Tablet, Service], Awaitable[None]]
) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            await forbid(one, service)
            recording = await sent(one)
            assert isinstance(await one.work.telling.run(), Ended)
            assert await standing(one, recording) is None
            assert service.stored() == []
            items = await one.work.practice.outbox()
            assert {item.kind for item in items} == set(Kind) - {Kind.COPY, Kind.STILL, Kind.EVENT}
            assert {item.delivery for item in items} == {Delivery.SENT}

    run(act)


def test_without_a_policy_nothing_goes(tmp_path: Path) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            await service.policy(**NEVER)
            await one.work.telling.run()
            recording = await sent(one)
            assert one.work.enrolling.inforce.policy.video == "never"
            assert (await standing(one, recording), service.stored()) == (None, [])

    run(act)


@pytest.mark.parametrize("network", [Network.METERED, Network.UNKNOWN])
def test_a_film_waits_for_a_network_that_policy_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: Network
) -> None:
    monkeypatch.setattr(uploading, "is_here", lambda _: False)

    async def act() -> None:
        around = Around(network)
        async with joined(tmp_path, *BOTH, around=around) as (one, service):
            recording = await sent(one)
            assert (await standing(one, recording), service.stored()) == (None, [])
            (waits,) = await one.work.uploading.newest(100)
            assert (waits.step, waits.refused) == (Step.NOTHING, Refused(Reason.NETWORK))
            around.now, around.routes = Network.UNMETERED, "the second"
            ended = await one.work.telling.run()
            assert isinstance(ended, Ended)
            assert ended.films == 1
            assert len(service.stored()) == 1

    run(act)


@dataclass
class Held:
    """A tus server whose first chunk is answered only when the test lets it be."""

    service: Service
    reached: asyncio.Event
    go: asyncio.Event


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Sending a chunk tells the test, and waits for it, before the request is made."""
    one = Held(None, asyncio.Event(), asyncio.Event())  # type: ignore[arg-type]
    send = uploading.Tus.send

    async def slow(self: object, *arguments: object) -> object:
        one.reached.set()
        await one.go.wait()
        return await send(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(uploading.Tus, "send", slow)
    return one


def test_a_withdrawal_in_mid_upload_stops_it_and_the_server_forgets_it(tmp_path: Path, held: Held) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            recording = await one.filmed()
            await held.reached.wait()
            assert (await standing(one, recording)).state is UploadState.GOING  # type: ignore[union-attr]
            assert one.work.uploading.now is not None
            await one.app.withdraw(one.family.id, one.consent.id, frozenset({Scope.SEND_VIDEO}))
            await quiet(one)
            found = await standing(one, recording)
            assert found is not None
            assert (found.state, found.removed) == (UploadState.TAKEN_BACK, True)
            assert service.stored() == []
            assert not held.go.is_set()
            items = {item.kind for item in await one.work.practice.outbox()}
            assert Kind.COPY not in items

    run(act)


def test_a_film_that_is_being_made_has_the_line_to_itself(tmp_path: Path, held: Held) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            first = await one.filmed()
            await held.reached.wait()
            part = await one.begin()
            held.go.set()
            await quiet(one)
            assert (await standing(one, first)).state is UploadState.WHOLE  # type: ignore[union-attr]
            await one.work.telling.run()
            await part.lost()
            await one.work.filming.close()
            assert len(service.stored()) == 1

    run(act)


def test_a_lock_in_mid_upload_lets_it_go_on_later(tmp_path: Path, held: Held) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            recording = await one.filmed()
            await held.reached.wait()
            lock = asyncio.create_task(one.app.lock())
            await until(lambda: one.work.uploading.stopped)
            held.go.set()
            await lock
            await again(one)
            await quiet(one)
            await one.work.telling.run()
            found = await standing(one, recording)
            assert found is not None
            assert found.state is UploadState.WHOLE
            assert len(service.stored()) == 1

    run(act)


@pytest.mark.parametrize(
    ("ground", "stays"),
    [
        (Ground.CAREGIVER_ASKED, False),
        (Ground.CONSENT_WITHDRAWN, False),
        (Ground.BY_MISTAKE, False),
        (Ground.TIME_OVER, True),
        (Ground.SERVICE_POLICY, True),
    ],
)
def test_an_erased_film_leaves_the_service_only_where_the_ground_says_so(
    tmp_path: Path, ground: Ground, stays: bool
) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            recording = await sent(one)
            await one.work.erasing.erase(recording, ground)
            assert isinstance(await one.work.telling.run(), Ended)
            assert len(service.stored()) == int(stays)
            document = await service.there(f"DocumentReference/{recording}")
            assert document["status"] == ("current" if stays else "superseded")
            assert ('"removed"' in json.dumps(document)) == (not stays)

    run(act)


def test_what_was_taken_back_may_be_sent_again(tmp_path: Path) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            recording = await sent(one)
            await one.app.withdraw(one.family.id, one.consent.id, frozenset({Scope.SEND_VIDEO}))
            await quiet(one)
            assert service.stored() == []
            draft = consent_draft(one.family, None, *BOTH)
            await one.app.give(replace(draft, amends=one.consent.id))
            await quiet(one)
            await one.work.telling.run()
            document = await service.there(f"DocumentReference/{recording}")
            assert document["status"] == "current"
            assert unsealed(service, document, tmp_path).parts == 1

    run(act)


def test_a_server_that_is_away_puts_it_off_and_nothing_is_called_sent(tmp_path: Path) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            service.films.kill()
            recording = await sent(one)
            ended = await one.work.telling.run()
            assert isinstance(ended, PutOff)
            assert (await standing(one, recording)).state is UploadState.GOING  # type: ignore[union-attr]
            assert Kind.COPY not in {item.kind for item in await one.work.practice.outbox()}
            service.films.revive()
            ended = await one.work.telling.run()
            assert isinstance(ended, Ended)
            assert ended.films == 1

    run(act)


def test_what_must_not_be_there_is_asked_for_until_the_server_is_back(tmp_path: Path) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            recording = await sent(one)
            service.films.kill()
            await one.app.withdraw(one.family.id)
            await quiet(one)
            found = await standing(one, recording)
            assert found is not None
            assert found.state is UploadState.TAKING_BACK
            document = await service.there(f"DocumentReference/{recording}")
            assert document["status"] == "superseded"
            assert '"valueBoolean": false' in json.dumps(document["extension"])
            service.films.revive()
            await one.work.telling.run()
            assert (await standing(one, recording)).state is UploadState.TAKEN_BACK  # type: ignore[union-attr]
            assert service.stored() == []
            document = await service.there(f"DocumentReference/{recording}")
            assert '"valueBoolean": true' in json.dumps(document["extension"])

    run(act)


def test_a_film_whose_file_was_altered_is_never_called_sent(tmp_path: Path) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            service.films.kill()
            recording = await sent(one)
            film: Recording = await one.recording()
            path = tmp_path / "vault" / "media" / f"{film.id}-001.film"
            data = bytearray(path.read_bytes())
            data[100] ^= 1
            path.write_bytes(data)
            service.films.revive()
            await one.work.telling.run()
            found = await standing(one, recording)
            assert found is not None
            assert (found.state, found.snag) == (UploadState.STUCK, Snag.ALTERED)
            assert service.stored() == []
            await one.work.telling.run()
            assert (await standing(one, recording)).state is UploadState.STUCK  # type: ignore[union-attr]
            data[100] ^= 1
            path.write_bytes(data)
            await one.work.uploading.retry(recording)
            await one.work.telling.run()
            assert (await standing(one, recording)).state is UploadState.WHOLE  # type: ignore[union-attr]

    run(act)


def test_a_newer_enrolment_sends_what_is_under_way_to_the_new_key(tmp_path: Path) -> None:
    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            service.films.kill()
            recording = await sent(one)
            service.films.revive()
            video = {
                "tus": service.films.base,
                "recipient": b64(service.public),
                "kid": "video-2",
                "token": None,
            }
            assert isinstance(await one.work.enrolling.take(service.file(video=video)), Enrolment)
            for _ in range(2):
                await one.work.telling.run()
            found = await standing(one, recording)
            assert found is not None
            assert (found.state, found.kid) == (UploadState.WHOLE, "video-2")
            document = await service.there(f"DocumentReference/{recording}")
            assert unsealed(service, document, tmp_path).parts == 1

    run(act)


def test_one_film_that_gets_nowhere_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = uploading.upload

    async def but_one(tus: object, file: object, *more: object) -> object:
        if file.metadata["recording"] == stuck[0]:  # type: ignore[attr-defined]
            return uploading.PutOff(Why.SERVER_ERROR, 0.0)
        return await send(tus, file, *more)  # type: ignore[arg-type]

    stuck: list[RecordingId] = []

    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            service.films.kill()
            stuck.append(await sent(one))
            other = await sent(one)
            service.films.revive()
            monkeypatch.setattr(uploading, "upload", but_one)
            assert isinstance(await one.work.telling.run(), PutOff)
            states = [(await standing(one, film)).state for film in (*stuck, other)]  # type: ignore[union-attr]
            assert states == [UploadState.GOING, UploadState.WHOLE]

    run(act)


async def policy_ends(one: Tablet, service: Service, film: RecordingId) -> None:
    await service.policy(**NEVER)


async def erased_here(one: Tablet, service: Service, film: RecordingId) -> None:
    await one.work.erasing.erase(film, Ground.TIME_OVER)


@pytest.mark.parametrize("first", [policy_ends, erased_here])
def test_a_withdrawal_calls_back_what_neither_policy_nor_time_did(
    tmp_path: Path, first: Callable[[Tablet, Service, RecordingId], Awaitable[None]]
) -> None:
    """Random histories found the first: a policy that had ended hid the word against it."""

    async def act() -> None:
        async with joined(tmp_path, *BOTH) as (one, service):
            recording = await sent(one)
            await first(one, service, recording)
            await one.work.telling.run()
            assert len(service.stored()) == 1
            await one.app.withdraw(one.family.id)
            await quiet(one)
            assert (await standing(one, recording)).state is UploadState.TAKEN_BACK  # type: ignore[union-attr]
            assert service.stored() == []

    run(act)
