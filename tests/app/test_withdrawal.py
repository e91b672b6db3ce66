"""Withdrawing consent: at once, without a network, as a new version, and for a film in the making too."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.app.kit import HELLO, Tablet, consent_draft, end, send, tablet, why
from vigfield.app import Given, Idle, Running
from vigfield.model import ConsentStatus, RecordingState
from vigfield.rules import Allowed, Reason, Refused

Act = Callable[[Tablet], Awaitable[None]]


def on(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


def test_nothing_is_filmed_after_it_and_both_versions_are_kept(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await one.app.withdraw(one.family.id)
        assert await one.work.filming.link(one.session.id) == Refused(Reason.WITHDRAWN)
        _, kept, _ = await one.work.practice.everything()
        assert [(c.version, c.status) for c in kept] == [
            (1, ConsentStatus.GIVEN),
            (2, ConsentStatus.WITHDRAWN),
        ]
        assert kept[0] == one.consent

    on(tmp_path, act)


def test_a_link_made_before_it_begins_no_film(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        token = await one.link()
        await one.app.withdraw(one.family.id)
        assert why(await one.app.begin(token, HELLO)) == Reason.WITHDRAWN.value

    on(tmp_path, act)


def test_a_film_that_is_being_made_is_stopped_and_kept(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun)
        await one.app.withdraw(one.family.id)
        assert begun.stop.is_set()
        await begun.finish(end(begun))
        found = await one.recording()
        assert (found.state, found.parts[0].frames) == (RecordingState.WHOLE, 12)
        assert await one.work.playing.link(found.id) == Refused(Reason.WITHDRAWN)

    on(tmp_path, act)


def test_a_film_whose_link_is_lost_does_not_go_on_after_it(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun)
        await begun.lost()
        await one.app.withdraw(one.family.id)
        assert isinstance(one.work.filming.state, Idle)
        assert why(await one.app.begin(begun.next_token, HELLO)) == "token"
        assert (await one.recording()).state is RecordingState.INTERRUPTED

    on(tmp_path, act)


def test_a_film_that_plays_is_closed(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        recording = await one.filmed()
        link = await one.work.playing.link(recording)
        claimed = one.app.claim(getattr(link, "token", ""))
        assert claimed is not None
        await one.app.withdraw(one.family.id)
        assert one.app.media(claimed[0]) is None

    on(tmp_path, act)


def test_another_familys_film_goes_on(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun)
        await one.app.withdraw(type(one.family.id)("0" * 32))
        assert not begun.stop.is_set()
        assert isinstance(one.work.filming.state, Running)
        await begun.finish(end(begun))

    on(tmp_path, act)


def test_a_new_consent_may_be_given_afterwards(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await one.app.withdraw(one.family.id)
        again = await one.work.consenting.give(consent_draft(one.family))
        assert isinstance(again, Given)
        assert (await one.work.practice.visit(one.session.id)).verdict == Allowed(again.consent)

    on(tmp_path, act)
