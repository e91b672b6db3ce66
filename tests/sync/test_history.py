"""Random histories of edits, sends, faults and other people: nothing is lost, nothing is overwritten."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sync.examples import patient_put
from tests.sync.servers import (
    Cut,
    Fault,
    LoseReply,
    Pass,
    Say,
    foreign_edit,
    held,
    reference_service,
    through,
)
from vigfield.service import Served
from vigfield.sync import Accepted, Conflict, Later, Outcome, Put, Rejected

NUMBERS = count()
ITEMS = 3

FAULTS = st.lists(
    st.sampled_from(
        [Pass(), Pass(), LoseReply(), Cut(), Say("500 Oh no"), Say("200 OK", b"?"), Say("413 Too Large")]
    ),
    max_size=4,
)
STEPS = st.lists(
    st.tuples(st.just("edit"), st.integers(0, ITEMS - 1))
    | st.tuples(st.just("foreign"), st.integers(0, ITEMS - 1))
    | st.tuples(st.just("send"), FAULTS),
    max_size=14,
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with reference_service(tmp_path_factory.mktemp("service") / "reference.db") as served:
        yield served


@dataclass
class Item:
    """What an outbox row knows of one item, and what the test knows besides."""

    number: int
    version: int = 1
    sent: int = 0
    etag: str = ""
    tried: bool = False
    touched: bool = False  # somebody else edited it since we last wrote it
    stuck: bool = False

    @property
    def put(self) -> Put:
        return patient_put(self.number, f"{self.number}-v{self.version}", self.version, self.etag, self.tried)


@dataclass
class Tablet:
    """An outbox of three items, and the service that it tells."""

    service: Served
    items: list[Item] = field(default_factory=lambda: [Item(next(NUMBERS)) for _ in range(ITEMS)])

    def edit(self, place: int) -> None:
        self.items[place].version += 1

    def foreign(self, place: int) -> None:
        """Another person edits what the service holds, whether we know that it does or not."""
        item = self.items[place]
        if held(self.service.base, item.put.address).status_code != 200:
            return
        foreign_edit(self.service.base, item.put.address)
        item.touched = True

    def send(self, faults: list[Fault]) -> list[Outcome]:
        waiting = {item.put.id: item for item in self.items if item.sent < item.version and not item.stuck}
        puts = [item.put for item in waiting.values()]
        for item in waiting.values():
            item.tried = True
        said = asyncio.run(through(self.service.port, puts, *faults))
        assert sorted(outcome.id for outcome in said) == sorted(waiting)
        for outcome in said:
            self.settle(waiting[outcome.id], outcome)
        return said

    def settle(self, item: Item, outcome: Outcome) -> None:
        there = held(self.service.base, item.put.address)
        match outcome:
            case Accepted(_, _, version, etag):
                assert not item.touched
                assert version == item.version
                assert there.headers["ETag"] == etag
                assert there.json()["identifier"] == item.put.resource["identifier"]
                item.sent, item.etag = version, etag
            case Conflict(theirs=theirs):
                assert item.touched
                assert theirs == there.json()
                assert there.json()["active"] is True
                item.stuck = True
            case Rejected(words=words):
                assert words == "HTTP 413"
            case Later():
                pass


@pytest.mark.parametrize("examples", [25, pytest.param(500, marks=pytest.mark.long)])
def test_the_server_ends_with_the_newest_acknowledged(service: Served, examples: int) -> None:
    @settings(max_examples=examples)
    @given(steps=STEPS)
    def walk(steps: list[tuple[str, object]]) -> None:
        _live(service, steps)

    walk()


def _live(service: Served, steps: list[tuple[str, object]]) -> None:
    tablet = Tablet(service)
    for step, detail in steps:
        getattr(tablet, step)(detail)
    tablet.send([])
    for item in tablet.items:
        there = held(service.base, item.put.address).json()
        if item.touched:
            assert there["active"] is True
        else:
            assert (item.sent, item.stuck) == (item.version, False)
            assert there["identifier"] == item.put.resource["identifier"]
