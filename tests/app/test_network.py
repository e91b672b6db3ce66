"""What a tablet sends by itself depends on its network; what a person sends does not."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.app.kit import Around, Tablet, end, send, tablet, until
from tests.sync.servers import Proxy, proxy, reference_service
from tests.sync.signed import enrolment_text
from vigfield import clock
from vigfield.app import Connection, Ended, PutOff, draining, telling
from vigfield.model import Delivery, Network, Networks, Policy
from vigfield.rules import network_fits

Act = Callable[[Tablet, Proxy, Around], Awaitable[None]]
N = Network
ITEMS = 6  # practitioner, infant, caregiver, episode, session, consent


def on(folder: Path, act: Act, around: Around, networks: Networks = Networks.ANY) -> None:
    """A tablet on this network, and a service that it believes to be elsewhere."""

    async def run(port: int) -> None:
        async with proxy(port) as between, tablet(folder / "vault", between.base, around) as one:
            one.work.enrolling.inforce.default = Policy(networks=networks)
            await one.work.telling._connection.look()  # as at an unlock
            await act(one, between, around)

    with reference_service(folder / "service.db") as served:
        asyncio.run(run(served.port))


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is on this machine."""
    monkeypatch.setattr("vigfield.app.enrolling.is_here", lambda _: False)


async def settled(one: Tablet) -> None:
    await asyncio.gather(*one.app._tasks)


async def sent(one: Tablet) -> int:
    return (await one.work.practice.outbox_counts())[Delivery.SENT]


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("networks", Networks)
@pytest.mark.parametrize("network", Network)
def test_a_run_begins_by_itself_only_where_policy_says_so(
    tmp_path: Path, network: Network, networks: Networks
) -> None:
    async def act(one: Tablet, between: Proxy, around: Around) -> None:
        around.now = network
        one.app.tell_soon()
        await settled(one)
        fits = network_fits(networks, network)
        assert one.work.telling.network is network
        assert one.work.telling.may_begin is fits
        assert await sent(one) == (ITEMS if fits else 0)
        assert (between.seen != []) is fits
        assert isinstance(await one.work.telling.run(), Ended)  # a person may, wherever it gets through
        assert await sent(one) == ITEMS

    on(tmp_path, act, Around(N.NONE), networks)


@pytest.mark.parametrize("network", Network)
def test_a_service_on_this_tablet_needs_no_network(tmp_path: Path, network: Network) -> None:
    async def act(one: Tablet, between: Proxy, around: Around) -> None:
        one.app.tell_soon()
        await settled(one)
        assert await sent(one) == ITEMS
        assert one.work.telling.network is None

    on(tmp_path, act, Around(network), Networks.UNMETERED)


def test_a_service_is_here_only_with_all_that_a_run_asks(tmp_path: Path) -> None:
    base = {"fhir": {"base": "http://127.0.0.1:1/fhir"}, "tls": {"authority": None, "pins": []}}

    async def reach(**auth: str) -> bool | None:
        async with tablet(tmp_path / auth["kind"]) as one:
            await one.work.enrolling.take(enrolment_text(**base, auth=auth))
            found = one.work.enrolling.reach
            return None if found is None else found.local

    smart = {"token_endpoint": "https://login.leith.example/token", "client_id": "x", "scope": "x"}
    assert asyncio.run(reach(kind="anyone")) is True
    assert asyncio.run(reach(kind="smart", **smart)) is False


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    ("networks", "before", "after"),
    [
        (Networks.ANY, N.NONE, N.METERED),
        (Networks.NOT_METERED, N.METERED, N.UNKNOWN),
        (Networks.UNMETERED, N.UNKNOWN, N.UNMETERED),
        (Networks.UNMETERED, N.UNMETERED, N.UNMETERED),  # another one, of the same kind
    ],
)
def test_a_run_is_due_at_once_on_a_network_that_fits(
    tmp_path: Path, networks: Networks, before: Network, after: Network
) -> None:
    async def act(one: Tablet, between: Proxy, around: Around) -> None:
        find = one.work.telling
        if before is not after:
            assert not find.may_begin
        find._when.ended(clock.monotonic(), 900)
        await find.look()
        assert not find.due
        around.now, around.routes = after, "another"
        await find.look()
        assert find.due
        one.app.tell_soon()
        await settled(one)
        assert await sent(one) == ITEMS
        await find.look()
        assert not find.due

    on(tmp_path, act, Around(before), networks)


@pytest.mark.usefixtures("elsewhere")
def test_the_app_notices_by_itself_and_not_while_it_films(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds: real(min(seconds, 0.001)))

    async def act(one: Tablet, between: Proxy, around: Around) -> None:
        begun = await one.begin()
        watching = asyncio.create_task(one.app.watch())
        around.now = N.METERED
        await until(lambda: one.work.telling.network is N.METERED)
        assert one.work.telling.due
        assert between.seen == []
        await send(begun)
        await begun.finish(end(begun))
        await until(lambda: isinstance(one.work.telling.last, Ended))
        asked = around.asked
        for _ in range(50):
            await asyncio.sleep(0)
        assert around.asked == asked  # the routes did not change
        watching.cancel()

    on(tmp_path, act, Around(N.NONE))


@pytest.mark.usefixtures("elsewhere")
def test_a_service_that_asked_for_time_gets_it_on_another_network_too(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, around: Around) -> None:
        find = one.work.telling
        find._when.put_off(clock.monotonic(), 900, 120, 0)
        around.now = N.UNMETERED
        await find.look()
        assert find.fits
        assert not find.due
        one.app.tell_soon()
        assert not one.app._tasks

    on(tmp_path, act, Around(N.NONE))


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("by_itself", [True, False])
def test_a_network_that_does_not_fit_ends_a_run_that_began_by_itself(tmp_path: Path, by_itself: bool) -> None:
    async def act(one: Tablet, between: Proxy, around: Around) -> None:
        find, real = one.work.telling, telling.FhirClient.push

        async def push(*arguments: object) -> object:
            reply = await real(*arguments)  # type: ignore[arg-type]
            around.now, around.routes = N.METERED, "another"
            await find.look()
            return reply

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(draining, "MOST_ENTRIES", 2)
            patch.setattr(telling.FhirClient, "push", push)
            await (find.begin() if by_itself else find.run())
        if by_itself:
            assert isinstance(find.last, PutOff)
            assert (find.last.why, await sent(one)) == ("other-network", 2)
        else:
            assert (type(find.last), await sent(one)) == (Ended, ITEMS)

    on(tmp_path, act, Around(N.UNMETERED), Networks.UNMETERED)


@pytest.mark.usefixtures("elsewhere")
def test_a_person_is_told_that_there_is_no_network(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault", "http://127.0.0.1:1/fhir", Around(N.NONE)) as one:
            outcome = await one.work.telling.run()
            assert isinstance(outcome, PutOff)
            assert outcome.why == "no-network"

    asyncio.run(run())


def test_a_connection_asks_when_it_moved_or_grew_old(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(clock, "monotonic", lambda: now)

    async def run() -> None:
        nonlocal now
        around = Around(N.UNMETERED)
        one: Connection = around.connection()
        assert one.network is N.UNKNOWN
        assert await one.look()
        assert not await one.look()
        assert (one.network, around.asked) == (N.UNMETERED, 1)
        around.routes = "another"
        assert await one.look()
        around.now = N.METERED  # somebody set it so, on the same network
        now += 59
        assert not await one.look()
        now += 1
        assert await one.look()
        assert (one.network, around.asked) == (N.METERED, 3)
        assert not await one.look(anew=True)
        assert around.asked == 4

    asyncio.run(run())
