"""Random histories of consent in a real vault: nothing is ever allowed that docs/consent.md forbids."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.app.kit import HELLO, Tablet, consent_draft, end, family_draft, part, send, session_draft, tablet
from tests.rules.test_consent_table import written_grounds, written_scopes
from vigfield import clock
from vigfield.app import CaregiverDraft, FilmLink, Given, PlayLink
from vigfield.app.ground import may_use
from vigfield.model import Consent, Family, Footing, Recording, Relationship, Scope, Session
from vigfield.rules import FILMED_UNDER, Allowed, State, Use

GROUNDS, SCOPES = written_grounds(), written_scopes()
ALL: frozenset[Scope] = frozenset({Scope.FILM_INTERACTION, Scope.STILLS, Scope.SEND_VIDEO, Scope.SHARE_COPY})
NONE: frozenset[Scope] = frozenset()
SOME = st.frozensets(st.sampled_from(sorted(ALL)), min_size=1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.integers(0, 1), SOME),
        st.tuples(st.just("amend"), st.integers(0, 1), SOME),
        st.tuples(st.just("withdraw"), st.integers(0, 1), SOME),
        st.tuples(st.just("withdraw all"), st.integers(0, 1), st.just(frozenset(Scope))),
        st.tuples(st.just("days go by"), st.sampled_from([5, 40]), st.just(frozenset())),
        st.tuples(st.just("record"), st.just(0), st.just(frozenset())),
    ),
    min_size=2,
    max_size=9,
)
Step = tuple[str, int, frozenset[Scope]]
allowed: Counter[str] = Counter()


@dataclass
class Said:
    """What one person agreed to, told in the test's own words; `order` counts everything that was said."""

    person: int
    agreed: frozenset[Scope]
    until: date
    state: State = State.GIVEN
    order: int = 0

    def stands(self, today: date) -> State:
        expired = self.state is not State.WITHDRAWN and today > self.until
        return State.EXPIRED if expired else self.state


@dataclass
class Story:
    """A family with two caregivers and one session, and everything that was said."""

    one: Tablet
    family: Family
    session: Session
    said: dict[str, Said] = field(default_factory=dict)
    count: int = 0

    def forbidden(self, use: Use, film: Recording) -> bool:
        """Whether the table forbids this use of a film today, for anybody's last word or its own consent."""
        today = clock.today()
        own = self.said[film.consent]
        counts = [
            one
            for one in self.said.values()
            if one.stands(today) is State.WITHDRAWN or GROUNDS[one.stands(today), use]
        ]
        last = [
            max((o for o in counts if o.person == p), key=lambda o: o.order, default=None) for p in (0, 1)
        ]
        words = [one for one in (*last, *([own] if own in counts else [])) if one is not None]
        film_needed, more = SCOPES[use]
        wanted = ({FILMED_UNDER[film.kind]} if film_needed else set()) | ({more} if more else set())
        gone = own.state is State.WITHDRAWN and use is not Use.SYNC
        return (
            gone
            or not words
            or any(not GROUNDS[w.stands(today), use] or not wanted <= w.agreed for w in words)
        )


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


async def story(one: Tablet, number: int) -> Story:
    people, diary = one.work.people, one.work.diary
    family = await people.add(family_draft(f"H-{number}"))
    assert isinstance(family, Family)
    second = await people.put_caregiver(family.id, CaregiverDraft("Second", Relationship.FATHER))
    assert isinstance(second, Family)
    draft = replace(session_draft(family.id), on_camera=(family.infant.id, family.caregivers[0].id))
    session = await diary.add(draft)
    assert isinstance(session, Session)
    return Story(one, second, session)


async def take(tale: Story, step: Step) -> None:
    what, number, scopes = step
    match what:
        case "give" | "amend":
            await _give(tale, number, scopes, amend=what == "amend")
        case "withdraw" | "withdraw all":
            await _withdraw(tale, number, scopes)
        case "record":
            link = await tale.one.work.filming.link(tale.session.id)
            if isinstance(link, FilmLink):
                allowed["record"] += 1
                begun = part(await tale.one.app.begin(link.token, HELLO))
                await send(begun, frames=2)
                await begun.finish(end(begun, 2))


async def _give(tale: Story, person: int, scopes: frozenset[Scope], *, amend: bool) -> None:
    mine = [
        id_ for id_, one in tale.said.items() if one.person == person and one.state is not State.WITHDRAWN
    ]
    if amend and not mine:
        return
    by = tale.family.caregivers[person]
    draft = replace(
        consent_draft(tale.family, None, *scopes),
        given_by=by.id,
        footing=Footing.PARENTAL_RESPONSIBILITY,
        on_camera=(tale.family.infant.id, by.id),
        valid_until=clock.today() + timedelta(days=20),
        amends=mine[-1] if amend else None,  # type: ignore[arg-type]
    )
    given_ = await tale.one.app.give(draft)
    assert isinstance(given_, Given)
    _heard(tale, given_.consent, person, State.AMENDED if amend else State.GIVEN)


def _heard(tale: Story, consent: Consent, person: int, state: State) -> None:
    tale.count += 1
    tale.said[consent.id] = Said(person, consent.agreed, consent.valid_until, state, tale.count)


async def _withdraw(tale: Story, person: int, scopes: frozenset[Scope]) -> None:
    mine = [id_ for id_, one in tale.said.items() if one.person == person]
    if not mine:
        return
    one = tale.said[mine[-1]]
    await tale.one.app.withdraw(tale.family.id, mine[-1], scopes)  # type: ignore[arg-type]
    left = one.agreed - scopes
    if one.state is State.WITHDRAWN or left == one.agreed:
        return
    tale.count += 1
    one.order, one.state = tale.count, State.PARTLY_WITHDRAWN if left else State.WITHDRAWN
    one.agreed = left or one.agreed


async def check(tale: Story) -> None:
    visit = await tale.one.work.practice.visit(tale.session.id)
    for film in visit.films:
        for use in Use:
            verdict = await tale.one.work.practice._store.run(lambda tx, f=film, u=use: may_use(tx, u, f))  # type: ignore[misc]
            if isinstance(verdict, Allowed):
                allowed[use.value] += 1
                assert not tale.forbidden(use, film), (use, tale.said)
        if isinstance(await tale.one.work.playing.link(film.id), PlayLink):
            assert not tale.forbidden(Use.PLAY, film), tale.said


def test_no_history_finds_a_use_that_the_table_forbids(
    tmp_path: Path, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = timedelta()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + away)
    numbers = iter(range(100_000))

    async def go(one: Tablet, steps: list[Step]) -> None:
        nonlocal away
        tale = await story(one, next(numbers))
        for step in steps:
            if step[0] == "days go by":
                away += timedelta(days=step[1])
            await take(tale, step)
            await check(tale)

    async def every() -> None:
        async with tablet(tmp_path / "vault") as one:
            inner = asyncio.get_running_loop()

            @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
            @given(STEPS)
            @example([("give", 0, ALL), ("record", 0, NONE)])
            @example(
                [
                    ("give", 1, ALL),
                    ("give", 0, ALL),
                    ("record", 0, NONE),
                    ("withdraw", 0, frozenset({Scope.STILLS})),
                ]
            )
            @example([("give", 0, ALL), ("record", 0, NONE), ("days go by", 40, NONE)])
            def histories(steps: list[Step]) -> None:
                asyncio.run_coroutine_threadsafe(go(one, steps), inner).result(120)

            await asyncio.to_thread(histories)

    loop.run_until_complete(every())
    assert allowed["record"] >= 3
    assert {use.value for use in (Use.PLAY, Use.SYNC, Use.MAKE_STILL)} <= set(allowed)
