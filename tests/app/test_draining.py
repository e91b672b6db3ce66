"""A long queue on its way: in pages, in order, told truly, and never with a reference that leads nowhere."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.app.kit import Tablet, consent_draft, family_draft, family_of, session_draft, tablet, until
from tests.sync.servers import LoseReply, Proxy, Say, proxy, reference_service
from vigfield import clock
from vigfield.app import Ended, Given, Progress, PutOff, draining, leaving
from vigfield.app.draining import Drained, Waiting
from vigfield.model import Delivery, Family, Kind, OutboxItem, Policy, Session
from vigfield.store import Tx, outbox
from vigfield.sync import Accepted, FhirClient, Later, Why
from vigfield.sync.outcome import later

Act = Callable[[Tablet, Proxy], Awaitable[None]]
ITEMS = 6  # practitioner, infant, caregiver, episode, session, consent
STRICT = Policy()


def on(folder: Path, act: Act) -> None:
    async def run(port: int) -> None:
        async with proxy(port) as between, tablet(folder / "vault", between.base) as one:
            await act(one, between)

    with reference_service(folder / "service.db") as served:
        asyncio.run(run(served.port))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two."""
    monkeypatch.setattr(draining, "MOST_ENTRIES", 2)


async def items(one: Tablet) -> dict[str, OutboxItem]:
    return {f"{item.kind} {item.id}": item for item in await one.work.practice.outbox()}


async def waiting_kinds(one: Tablet) -> list[Kind]:
    pages = Waiting(one.work.practice._store, lambda: STRICT)
    return [put.kind async for batch in pages for put in batch]


@pytest.mark.usefixtures("small")
def test_pages_hold_everything_once_and_refer_backwards_only(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy) -> None:
        for number in range(3):
            await family_of(one.work, f"SE-{100 + number}")
        whole = await one.work.practice.outbox()
        pages = Waiting(one.work.practice._store, lambda: STRICT)
        batches = [batch async for batch in pages]
        assert {len(batch) for batch in batches} <= {1, 2}
        puts = [put for batch in batches for put in batch]
        record = [(put.kind, put.id) for put in puts if put.kind is not Kind.EVENT]
        assert record == [(item.kind, item.id) for item in whole]
        seen: set[str] = set()
        for put in puts:
            assert put.needs <= seen
            seen.add(put.address)
        assert any(put.needs for put in puts)

    on(tmp_path, act)


@pytest.mark.usefixtures("small")
def test_what_is_called_sent_so_far_is_stored(tmp_path: Path) -> None:
    seen: list[Progress | None] = []

    async def act(one: Tablet, between: Proxy) -> None:
        find, real = one.work.telling, FhirClient.push

        async def push(*arguments: object) -> object:
            counts = await one.work.practice.outbox_counts()
            progress = find.progress
            assert progress is not None
            assert progress.sent <= counts[Delivery.SENT]
            seen.append(progress)
            return await real(*arguments)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(FhirClient, "push", push)
            assert find.progress is None
            assert isinstance(await find.run(), Ended)
            assert find.progress is None

    on(tmp_path, act)
    assert {progress.of for progress in seen if progress} == {ITEMS}
    assert seen[0] == Progress(0, ITEMS)


@pytest.mark.usefixtures("small")
def test_the_screens_hear_of_it_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "OFTEN", 0.0)

    async def act(one: Tablet, between: Proxy) -> None:
        heard: list[Progress] = []
        one.app.listen(lambda: heard.extend(filter(None, [one.work.telling.progress])))
        await one.work.telling.run()
        assert Progress(2, ITEMS) in heard
        monkeypatch.setattr(draining, "OFTEN", 1e9)
        await one.work.diary.add(session_draft(one.family.id))
        heard.clear()
        await one.work.telling.run()
        assert {progress.sent for progress in heard} <= {0}

    on(tmp_path, act)


@pytest.mark.usefixtures("small")
def test_a_service_in_trouble_is_not_asked_for_every_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    real = leaving.puts_of

    def counted(tx: Tx, some: list[OutboxItem], *more: object) -> object:
        read.append(len(some))
        return real(tx, some, *more)  # type: ignore[arg-type]

    async def act(one: Tablet, between: Proxy) -> None:
        for number in range(10):
            await family_of(one.work, f"SE-{100 + number}")
        between.faults.append(Say("503 Service Unavailable", b"", ("Retry-After: 60",)))
        monkeypatch.setattr(leaving, "puts_of", counted)
        assert isinstance(await one.work.telling.run(), PutOff)
        assert sum(read) <= 4  # a batch, and the next one

    on(tmp_path, act)


@pytest.mark.usefixtures("small")
def test_what_refers_to_a_refused_item_waits_in_every_later_run_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet, between: Proxy) -> None:
        real = leaving._spelled

        def spoilt(tx: Tx, found: object, item: OutboxItem, *more: object) -> object:
            made = real(tx, found, item, *more)  # type: ignore[arg-type]
            return made | {"id": "another"} if item.kind is Kind.INFANT else made  # type: ignore[operator]

        monkeypatch.setattr(leaving, "_spelled", spoilt)
        for later_run in (False, True, True):
            asked = len(between.seen)
            outcome = await one.work.telling.run()
            assert isinstance(outcome, PutOff)
            assert outcome.why == Why.WAITS
            now = {item.kind: item.delivery for item in await one.work.practice.outbox()}
            assert now.pop(Kind.PRACTITIONER) is Delivery.SENT
            assert now.pop(Kind.INFANT) is Delivery.REFUSED
            assert set(now.values()) == {Delivery.WAITING}
            posts = [request for request in between.seen[asked:] if request.startswith(b"POST")]
            assert (posts == []) is later_run
        monkeypatch.setattr(leaving, "_spelled", real)
        await one.work.telling.deciding.retry(Kind.INFANT, one.family.infant.id)
        assert isinstance(await one.work.telling.run(), Ended)

    on(tmp_path, act)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("when", range(1, 4))
def test_what_is_added_meanwhile_goes_or_waits_and_is_never_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    """Families that come while a run is past the infants: their sessions do not go without them."""
    pushed = 0
    real = FhirClient.push

    async def act(one: Tablet, between: Proxy) -> None:
        await family_of(one.work, "SE-050")

        async def push(*arguments: object) -> object:
            nonlocal pushed
            pushed += 1
            if pushed == when:
                await everything(one, "SE-100")
            return await real(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(FhirClient, "push", push)
        await one.work.telling.run()
        now = await items(one)
        assert {item.delivery for item in now.values()} <= {Delivery.SENT, Delivery.WAITING}
        assert isinstance(await one.work.telling.run(), Ended)
        assert {item.delivery for item in (await items(one)).values()} == {Delivery.SENT}

    on(tmp_path, act)


async def everything(one: Tablet, code: str) -> None:
    family = await one.work.people.add(family_draft(code))
    assert isinstance(family, Family)
    assert isinstance(await one.work.diary.add(session_draft(family.id)), Session)
    assert isinstance(await one.work.consenting.give(consent_draft(family)), Given)


@pytest.mark.usefixtures("small")
def test_a_lost_reply_in_an_earlier_run_holds_nothing_up(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy) -> None:
        between.faults.append(LoseReply())
        assert isinstance(await one.work.telling.run(), PutOff)
        assert isinstance(await one.work.telling.run(), Ended)
        assert {item.delivery for item in (await items(one)).values()} == {Delivery.SENT}

    on(tmp_path, act)


@pytest.mark.usefixtures("small")
def test_what_was_heard_is_stored_when_the_run_is_cut_short(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy) -> None:
        real, asked = FhirClient.push, 0

        async def push(*arguments: object) -> object:
            nonlocal asked
            asked += 1
            if asked == 2:
                await asyncio.Event().wait()
            return await real(*arguments)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(FhirClient, "push", push)
            running = asyncio.create_task(one.work.telling.run())
            await until(lambda: asked == 2)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        assert await sent(one) == 2

    on(tmp_path, act)


async def sent(one: Tablet) -> int:
    return (await one.work.practice.outbox_counts())[Delivery.SENT]


def test_an_answer_that_cannot_be_stored_ends_the_run(tmp_path: Path) -> None:
    """What was being stored while the next was on its way fails there and then, not in silence."""

    async def act(one: Tablet, between: Proxy) -> None:
        store = one.work.practice._store
        run = Drained(store, Waiting(store, lambda: STRICT), 1, lambda: None)
        run.hear(Accepted(Kind.INFANT, "nobody", 1, "1"))
        await run.hand_over(())
        with pytest.raises(Exception, match="no such item"):
            await run.settle()

    on(tmp_path, act)


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ([(Why.WAITS, 0), (Why.SLOW, 120)], (Why.SLOW, 120)),
        ([(Why.SLOW, 120), (Why.WAITS, 0)], (Why.SLOW, 120)),
        ([(Why.WAITS, 0), (Why.NOT_ALLOWED, 0)], (Why.NOT_ALLOWED, 0)),
        ([(Why.NOT_ALLOWED, 0), (Why.WAITS, 0), (Why.AWAY, 0)], (Why.NOT_ALLOWED, 0)),
        ([(Why.WAITS, 0), (Why.WAITS, 0)], (Why.WAITS, 0)),
    ],
)
def test_of_several_reasons_to_wait_the_weightiest_is_told(
    tmp_path: Path, reasons: list[tuple[Why, float]], told: tuple[Why, float]
) -> None:
    async def act(one: Tablet, between: Proxy) -> None:
        pages = Waiting(one.work.practice._store, lambda: STRICT)
        (put,) = [put async for batch in pages for put in batch if put.kind is Kind.INFANT]
        run = Drained(one.work.practice._store, pages, 1, lambda: None)
        for why, after in reasons:
            run.hear(later(put, why, after))
        assert isinstance(run.put_off, Later)
        assert (run.put_off.why, run.put_off.after) == told

    on(tmp_path, act)


# The questions to the database


def test_what_waits_is_found_from_any_item_on(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy) -> None:
        for number in range(3):
            await everything(one, f"SE-{100 + number}")
        await one.work.practice._store.run(_same_time)
        whole = await one.work.practice.outbox()
        for place, item in enumerate(whole):
            for most in (1, 3, 100):
                found = await one.work.practice._store.run(
                    lambda tx, item=item, most=most: outbox.waiting(tx, most, item)
                )
                record = [one_ for one_ in found if one_.kind is not Kind.EVENT]
                assert record == whole[place + 1 :][:most]

    on(tmp_path, act)


def _same_time(tx: Tx) -> None:
    """Half of the items changed at the same moment: then their ids decide."""
    tx.execute("UPDATE outbox SET changed = '2026-01-01T00:00:00.000000Z' WHERE id < '8'")


def test_what_needs_a_look_is_shown_before_anything_newer(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy) -> None:
        def refuse(tx: Tx) -> None:
            outbox.refuse(tx, Kind.INFANT, one.family.infant.id, 1, "no")
            outbox.touch(tx, Kind.SESSION, one.session.id, clock.now())

        await one.work.practice._store.run(refuse)
        shown = await one.work.telling.listed(2)
        assert [listed.item.kind for listed in shown] == [Kind.INFANT, Kind.SESSION]

    on(tmp_path, act)


def test_what_the_service_is_known_to_hold(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy) -> None:
        store, infant = one.work.practice._store, (Kind.INFANT, one.family.infant.id)
        everybody = {(item.kind, item.id) for item in await one.work.practice.outbox()}
        nobody = (Kind.INFANT, "nobody")
        assert await store.run(lambda tx: outbox.absent(tx, {*everybody, nobody})) == everybody

        def conflict(theirs: outbox.Theirs) -> Callable[[Tx], set[tuple[Kind, str]]]:
            def write(tx: Tx) -> set[tuple[Kind, str]]:
                outbox.conflict(tx, *infant, 1, theirs)
                return outbox.absent(tx, {infant})

            return write

        assert await store.run(conflict(outbox.Theirs("", "", ""))) == {infant}  # deleted there
        assert await store.run(conflict(outbox.Theirs("", "{}", "1"))) == set()

    on(tmp_path, act)
