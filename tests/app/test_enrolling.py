"""A vault joins its service: the number first, then its policy, in force at once and after a restart."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import jwt
import pytest

from tests.app.kit import CODE, NAMES, PASSPHRASE, Tablet, tablet, work_of
from tests.sync.servers import Proxy, Say, ask, proxy, reference_service
from tests.sync.signed import KEY, OTHER, enrolment_claims, instant, policy_claims, policy_text
from vigfield import clock
from vigfield.app import Ended, Enrolment, NoPolicy, NoService, NotEnrolled, NotTaken, PutOff
from vigfield.model import Kind, Policy
from vigfield.service import Served
from vigfield.store import audit
from vigfield.store.audit import Happening
from vigfield.sync import FhirClient, enrolment, policy

Act = Callable[[Tablet, Proxy, Served], Awaitable[None]]
STRICT = Policy()


def on(folder: Path, act: Act) -> None:
    """A tablet without a service, and a service behind a proxy that writes down what it sees."""
    with reference_service(folder / "service.db") as served:

        async def run() -> None:
            async with proxy(served.port) as between, tablet(folder / "vault") as one:
                await act(one, between, served)

        asyncio.run(run())


def file_for(between: Proxy, **changed: object) -> str:
    here: dict[str, object] = {"fhir": {"base": between.base}, "auth": {"kind": "anyone"}}
    here["tls"] = {"authority": None, "pins": []}
    return KEY.sign(enrolment_claims() | here | changed, enrolment.TYPE)


async def publish(served: Served, text: str) -> None:
    """The service puts its policy where the enrolment says."""
    data = base64.b64encode(text.encode()).decode()
    binary = {"resourceType": "Binary", "id": "policy", "contentType": "application/jose", "data": data}
    headers = {"Content-Type": "application/fhir+json"}
    answer = await asyncio.to_thread(ask, served.base, "PUT", "Binary/policy", json=binary, headers=headers)
    answer.raise_for_status()


async def joined(one: Tablet, between: Proxy, **changed: object) -> Enrolment:
    found = await one.work.enrolling.take(file_for(between, **changed))
    assert isinstance(found, Enrolment)
    return found


async def again(one: Tablet) -> None:
    """Lock, and unlock."""
    await one.app.lock()
    await one.app.unlock(PASSPHRASE)
    one.work = work_of(one.app)


def in_force(one: Tablet) -> Policy:
    return one.work.enrolling.inforce.policy


def test_nothing_is_sent_before_a_person_agreed(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        found = one.work.enrolling.look(file_for(between))
        assert isinstance(found, Enrolment)
        assert isinstance(await one.work.telling.run(), NoService)
        assert between.seen == []
        assert one.work.enrolling.enrolment is None

    on(tmp_path, act)


def test_a_joined_vault_tells_its_service_and_its_policy_holds_at_once(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        await publish(served, policy_text())
        await joined(one, between)
        assert in_force(one) == STRICT
        ended = await one.work.telling.run()
        assert isinstance(ended, Ended)
        assert ended.sent == 6
        assert in_force(one).version == 3
        assert one.app._idle_seconds == 120
        assert one.work.consenting.papers_may_leave
        await again(one)
        assert in_force(one).version == 3
        happened = await one.work.practice._store.run(audit.all)
        kinds = [event.kind for event in happened]
        assert kinds.count(Happening.SERVICE_ENROLLED) == kinds.count(Happening.POLICY_TAKEN) == 1

    on(tmp_path, act)


def test_what_may_be_sent_is_what_the_policy_lists(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        await publish(served, policy_text(identifiers=[], fields=["birth-date"]))
        await joined(one, between)
        async with FhirClient(between.base) as client:
            await one.work.enrolling.renew(client)
        shown = await one.work.telling.next_run(10)
        assert isinstance(await one.work.telling.run(), Ended)
        sent = b"".join(between.seen).decode()
        assert CODE not in sent
        assert "birthDate" in sent
        assert [name for name in NAMES if name in sent] == []
        assert shown.waiting == len([one_ for one_ in shown.items if one_.kind is not Kind.EVENT]) == 6

    on(tmp_path, act)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (OTHER.sign(policy_claims(4), policy.TYPE), NoPolicy.FORGED),
        (policy_text(2), NoPolicy.OLDER),
        (policy_text(4, service="forth.example"), NoPolicy.OTHER_SERVICE),
        (policy_text(4, video={"upload": "always"}), NoPolicy.UNREADABLE),
        ("rubbish", NoPolicy.UNREADABLE),
    ],
)
def test_a_policy_that_is_not_right_changes_nothing_and_that_is_said(
    tmp_path: Path, text: str, why: NoPolicy
) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        await publish(served, policy_text(3))
        await joined(one, between)
        await one.work.telling.run()
        await publish(served, text)
        await one.work.telling.run()
        assert in_force(one).version == 3
        assert one.work.enrolling.news is not None
        assert one.work.enrolling.news.reason is why

    on(tmp_path, act)


def test_a_policy_ends_while_the_vault_is_open_and_a_clock_put_back_revives_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        now = clock.now()
        await publish(served, policy_text(expires=instant(now + timedelta(hours=2))))
        await joined(one, between)
        await one.work.telling.run()
        assert in_force(one).version == 3
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=3))
        assert in_force(one) == STRICT
        assert one.work.enrolling.inforce.why is NoPolicy.EXPIRED
        await again(one)
        monkeypatch.setattr(clock, "now", lambda: now)
        assert in_force(one) == STRICT

    on(tmp_path, act)


def test_a_service_that_wants_a_newer_app_is_told_nothing_and_a_visit_goes_on(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        await publish(served, policy_text(minimum_app="99.0.0"))
        await joined(one, between)
        put_off = await one.work.telling.run()
        assert isinstance(put_off, PutOff)
        assert put_off.why == "too-old"
        assert [seen for seen in between.seen if seen.startswith(b"POST")] == []
        await one.filmed()

    on(tmp_path, act)


def test_another_service_or_an_unknown_key_does_not_replace_the_first(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        first = await joined(one, between)
        elsewhere = await one.work.enrolling.take(
            file_for(between, service={"id": "forth.example", "name": "Forth"})
        )
        assert isinstance(elsewhere, NotEnrolled)
        assert elsewhere.why is NotTaken.OTHER_SERVICE
        assert one.work.enrolling.enrolment == first
        await again(one)
        assert one.work.enrolling.enrolment == first

    on(tmp_path, act)


def test_a_service_that_does_not_give_its_policy_is_still_told(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        await joined(one, between)
        between.faults.append(Say("500 Oh no"))
        assert isinstance(await one.work.telling.run(), Ended)
        assert in_force(one) == STRICT

    on(tmp_path, act)


def test_what_the_server_can_do_is_said(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        await joined(one, between)
        found = await one.work.enrolling.capability()
        assert getattr(found, "fit", False)
        assert getattr(found, "policy", False)

    on(tmp_path, act)


def test_the_tablets_key_is_one_and_stays(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        first = await one.work.enrolling.device()
        await again(one)
        assert await one.work.enrolling.device() == first
        assert set(first) == {"crv", "kty", "x", "y", "use", "alg", "kid"}
        assert jwt.PyJWK(first).key_id == first["kid"]

    on(tmp_path, act)
