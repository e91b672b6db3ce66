"""Random histories of a tablet, its service and people at both: nothing lost, twice or untrue.

The vault, the service and HTTP are real; a proxy cuts, loses and refuses what it is told to.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.kit import (
    NAMES,
    PASSPHRASE,
    Tablet,
    consent_draft,
    family_of,
    tablet,
    work_of,
)
from tests.app.test_enrolling import joined, publish
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
    reference_service,
)
from tests.sync.signed import policy_text
from vigfield.app import Given, draining, leaving
from vigfield.model import ConsentStatus, Delivery, Field, OutboxItem, SessionStatus
from vigfield.service import Served
from vigfield.store import outbox
from vigfield.sync.same import same

SAMPLE, LONG = 10, 300

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
    | st.tuples(st.just("policy"), st.booleans())
    | st.tuples(st.just("send"), FAULTS)
    | st.tuples(st.just("send"), st.just([]))
    | st.tuples(st.just("crash"), FAULTS)
    | st.tuples(st.just("restart"), st.none())
    | st.tuples(st.just("move there"), st.integers(1, 5))
    | st.tuples(st.just("cancel there"), st.none())
    | st.tuples(st.just("withdraw there"), st.none())
    | st.tuples(st.just("decide"), st.sampled_from(["ours", "theirs"])),
    min_size=3,
    max_size=10,
)
Step = tuple[str, object]
happened: Counter[str] = Counter()


@dataclass
class Story:
    """One family of a tablet that has many, and what people at the office did to it."""

    one: Tablet
    served: Served
    between: Proxy
    policies: Iterator[int]
    touched: set[str] = field(default_factory=set)  # addresses that the office wrote since we last did
    withdrawn: bool = False
    films: int = 0

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


async def begin(one: Tablet, served: Served, between: Proxy, number: int, policies: Iterator[int]) -> Story:
    family, session = await family_of(one.work, f"H-{number}")
    given_ = await one.work.consenting.give(consent_draft(family))
    assert isinstance(given_, Given)
    mine = Tablet(one.app, one.work, family, session, given_.consent)
    return Story(mine, served, between, policies)


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
        case "policy":
            fields = [Field.BIRTH_DATE.value] if detail else []
            await publish(tale.served, policy_text(next(tale.policies), fields=fields))
        case "send" | "crash":
            assert isinstance(detail, list)
            await _send(tale, detail, crash=what == "crash")
        case "restart":
            await _restart(tale)
        case "decide":
            await _decide(tale, ours=detail == "ours")
        case _:
            await _office(tale, what, detail)


async def _send(tale: Story, faults: list[Fault], *, crash: bool) -> None:
    await asyncio.gather(*tale.one.app._tasks)
    seen = len(tale.between.seen)
    tale.between.faults[:] = list(faults)
    if crash:
        await _crash(tale)
    else:
        await tale.one.work.telling.run()
    tale.between.faults.clear()
    policy = tale.one.work.enrolling.inforce.policy
    bodies = b"".join(tale.between.seen[seen:])
    if Field.BIRTH_DATE not in policy.fields:
        assert b"birthDate" not in bodies
    assert [name for name in NAMES if name.encode() in bodies] == []
    if crash:
        await _restart(tale)


class Killed(Exception):
    """Stands for a process that is gone: what the service answered is not stored any more."""


async def _crash(tale: Story) -> None:
    """The process ends after the service has answered, before the answer is stored."""

    async def gone(_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draining.Drained, "settle", gone)
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
        put = await tale.one.work.practice._store.run(partial(leaving.put_of, item=item, policy=policy))
        answer = await asyncio.to_thread(held, tale.served.base, put.address)
        if item.delivery is Delivery.SENT:
            assert answer.status_code == 200, put.address
            assert answer.headers["ETag"] == item.etag or put.address in tale.touched
        if answer.status_code == 200:
            assert item.tried > 0, "it is there, and nobody wrote down that it left"


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
        put = await tale.one.work.practice._store.run(partial(leaving.put_of, item=item, policy=policy))
        there = await tale.there(put.address)
        assert there is not None
        if item.delivery is Delivery.SENT and put.address not in tale.touched:
            ours = await tale.one.work.practice._store.run(partial(_as_sent, item=item))
            assert same(ours, there), (put.address, there)
    visit = await tale.one.work.practice.visit(tale.one.session.id)
    assert len(visit.films) == tale.films
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
    numbers, policies = count(), count(10)

    async def go(one: Tablet, served: Served, between: Proxy, steps: list[Step]) -> None:
        tale = await begin(one, served, between, next(numbers), policies)
        for step in steps:
            happened[step[0]] += 1
            await take(tale, step)
            await check(tale)
        await end_well(tale)
        one.work = tale.one.work

    async def every() -> None:
        with reference_service(folder / "service.db") as served:
            async with proxy(served.port) as between, tablet(folder / "vault") as one:
                await publish(served, policy_text(next(policies), fields=[]))
                await joined(one, between)
                await one.work.telling.run()
                inner = asyncio.get_running_loop()

                @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
                @given(STEPS)
                def walk(steps: list[Step]) -> None:
                    asyncio.run_coroutine_threadsafe(go(one, served, between, steps), inner).result()

                await asyncio.to_thread(walk)

    asyncio.run(every())


def test_no_history_loses_doubles_or_misstates_anything(tmp_path: Path) -> None:
    live(tmp_path, SAMPLE)
    assert happened["sent"] > 0


@pytest.mark.long
def test_three_hundred_histories(tmp_path: Path) -> None:
    live(tmp_path, LONG)
    print(dict(happened))
