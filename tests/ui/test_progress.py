"""The service page and Today while a run goes on: how far it is, and how the one before it ended."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.kit import PASSPHRASE, Around, Tablet, tablet, until
from tests.sync.servers import Cut, Proxy, proxy, reference_service
from tests.ui.fake import ASSETS, Tab
from vigfield.app import Ended, draining
from vigfield.model import Delivery, Kind, Network, Networks, Policy
from vigfield.store import outbox
from vigfield.sync import FhirClient
from vigfield.ui import Host, places, servicewords, words

Act = Callable[[Tablet, Tab, Proxy], Awaitable[None]]
ITEMS = 6
SO_FAR = "2 of 6 sent so far."


def on(folder: Path, act: Act, around: Around | None = None) -> None:
    """A tablet with a tab, and a service behind a proxy; the run at the unlock finds nobody there."""

    async def run(port: int) -> None:
        async with proxy(port) as between, tablet(folder / "vault", between.base, around) as one:
            await one.app.lock()
            between.faults.append(Cut())
            tab = await Tab(Host(one.app, ASSETS)).open()
            await tab.type("passphrase", PASSPHRASE)
            await tab.tap("unlock")
            await tab.until("today-foot")
            await asyncio.gather(*one.app._tasks)
            one.work = one.app.state.work  # type: ignore[union-attr]
            await act(one, tab, between)
            await tab.close()

    with reference_service(folder / "service.db") as served:
        asyncio.run(run(served.port))


async def says(tab: Tab, identifier: str, text: str) -> str:
    """Wait until a control says something; all that it says."""
    await until(lambda: tab.has(identifier) and text in tab.text(identifier))
    return tab.text(identifier)


def test_both_screens_say_how_far_a_run_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "MOST_ENTRIES", 2)
    monkeypatch.setattr(draining, "OFTEN", 0.0)
    go_on = asyncio.Event()
    real, asked = FhirClient.push, 0

    async def push(*arguments: object) -> object:
        nonlocal asked
        asked += 1
        reply = await real(*arguments)  # type: ignore[arg-type]
        if asked == 2:
            await go_on.wait()
        return reply

    monkeypatch.setattr(FhirClient, "push", push)

    async def act(one: Tablet, tab: Tab, between: Proxy) -> None:
        nonlocal asked
        asked = 0
        last = words.last_run(one.work.telling.last)
        assert words.WHY_LATER["away"] in last
        running = asyncio.create_task(one.work.telling.run())
        assert last in await says(tab, "today-foot", SO_FAR)
        tab.desk.go(places.Sending())
        assert last in await says(tab, "progress", SO_FAR)
        assert not tab.has("send-now")
        go_on.set()
        assert isinstance(await running, Ended)
        await says(tab, "last-run", "6 sent.")
        assert not tab.has("progress")
        tab.desk.go(places.Today())
        await says(tab, "today-foot", "6 sent.")

    on(tmp_path, act)


def test_the_page_shows_what_needs_a_look_among_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigfield.ui.screens.sending._SHOWN", 2)

    async def act(one: Tablet, tab: Tab, between: Proxy) -> None:
        infant = one.family.infant.id
        store = one.work.practice._store
        await store.run(lambda tx: outbox.refuse(tx, Kind.INFANT, infant, 1, "not like this"))
        tab.desk.go(places.Sending())
        name = f"delivery-{Kind.INFANT.value}-{infant}"
        await says(tab, name, words.DELIVERIES[Delivery.REFUSED])
        assert sum(one.startswith("delivery-") for one in tab.identifiers()) == 2

    on(tmp_path, act)


def test_it_says_on_which_network_it_sends_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    around = Around(Network.METERED)

    async def act(one: Tablet, tab: Tab, between: Proxy) -> None:
        tab.desk.go(places.Sending())
        await tab.until("send-now")
        assert not tab.has("network-now")  # the service is on this tablet
        reach = one.work.enrolling.reach
        assert reach is not None
        monkeypatch.setattr(one.work.enrolling, "_reach", replace(reach, local=False))
        one.work.enrolling.inforce.default = Policy(networks=Networks.NOT_METERED)
        one.app.announce()
        said = await says(tab, "network-now", servicewords.NETWORKS[Networks.NOT_METERED])
        assert servicewords.NETWORK[Network.METERED] in said
        assert servicewords.BY_HAND in said
        around.now, around.routes = Network.NONE, "none"
        await one.work.telling.look()
        await says(tab, "network-now", servicewords.NETWORK[Network.NONE])

    on(tmp_path, act, around)
