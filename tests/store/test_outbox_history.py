"""However edits, sendings, lost replies and late answers mix: "sent" is only what was acknowledged."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.examples import LATER, NOW, opened
from vigfield import clock
from vigfield.errors import Unknown
from vigfield.model import Delivery, Kind, OutboxItem
from vigfield.store import Store, Tx, outbox

KIND = Kind.SESSION


class History:
    """One item, a service that numbers what it stores, and replies that come late, twice or never."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.id = clock.new_id()
        self.edits = 0
        self.stored: list[int] = []  # at the service: the versions it took, in order
        self.replies: list[tuple[int, str]] = []  # on their way to us: version and etag
        self.acknowledged: list[tuple[int, str]] = []
        self.refused: set[int] = set()
        self.decided = ""  # the etag that a person's decision put in place of the last acknowledged one
        self.edit()

    def edit(self) -> None:
        self.edits += 1
        assert outbox.touch(self.tx, KIND, self.id, NOW) == self.edits

    def send(self, copies: int) -> None:
        if self.waits():
            self.stored.append(self.edits)
            self.replies += [(self.edits, f"W/{len(self.stored)}")] * copies

    def hear(self, pick: int) -> None:
        if self.replies:
            version, etag = self.replies.pop(pick % len(self.replies))
            outbox.accept(self.tx, KIND, self.id, version, etag)
            if version >= max((one for one, _ in self.acknowledged), default=0):
                self.decided = ""
            self.acknowledged.append((version, etag))

    def be_refused(self, back: int) -> None:
        version = max(1, self.edits - back)
        outbox.refuse(self.tx, KIND, self.id, version, "no")
        self.refused.add(version)

    def conflict(self, back: int) -> None:
        version = max(1, self.edits - back)
        outbox.conflict(self.tx, KIND, self.id, version, outbox.Theirs("no", "{}", f"W/c{version}"))
        self.refused.add(version)

    def retry(self, _: int) -> None:
        outbox.retry(self.tx, KIND, self.id)

    def keep_ours(self, _: int) -> None:
        self._decide(outbox.keep_ours, Delivery.WAITING, "")

    def leave(self, _: int) -> None:
        self._decide(outbox.leave, Delivery.LEFT, self.item().etag)

    def _decide(self, verb: Callable[[Tx, Kind, str], None], becomes: Delivery, etag: str) -> None:
        """In a conflict, what the service was shown to hold is what the next change goes on top of."""
        before = self.item()
        theirs = outbox.theirs(self.tx, KIND, self.id)
        verb(self.tx, KIND, self.id)
        if before.delivery is Delivery.CONFLICT:
            assert theirs.etag == f"W/c{before.version}"
            self.decided = theirs.etag
            assert self.item().delivery is becomes
        elif before.delivery is Delivery.REFUSED and becomes is Delivery.LEFT:
            assert self.item().delivery is Delivery.LEFT
            assert self.item().etag == etag
        else:
            assert self.item() == before

    def item(self) -> OutboxItem:
        found = outbox.item(self.tx, KIND, self.id)
        assert found is not None
        return found

    def waits(self) -> bool:
        return [item.id for item in outbox.waiting(self.tx, 9)] == [self.id]

    def check(self) -> None:
        item = self.item()
        newest = max((version for version, _ in self.acknowledged), default=0)
        etags = [etag for version, etag in self.acknowledged if version == newest]
        assert item.version == self.edits
        assert item.sent_version == newest <= max(self.stored, default=0)
        assert item.etag == (self.decided or (etags[-1] if etags else ""))
        assert (item.delivery is Delivery.SENT) == (newest == item.version)
        assert (item.delivery is Delivery.WAITING) == self.waits()
        assert outbox.counts(self.tx) == dict.fromkeys(Delivery, 0) | {item.delivery: 1}
        if item.delivery in (Delivery.REFUSED, Delivery.CONFLICT, Delivery.LEFT):
            assert item.version in self.refused


Step = Callable[[History, int], None]
STEPS: list[Step] = [
    lambda history, _: history.edit(),
    lambda history, number: history.send(number),
    History.hear,
    History.hear,
    History.be_refused,
    History.conflict,
    History.retry,
    History.keep_ours,
    History.leave,
]


@pytest.mark.parametrize("examples", [30, pytest.param(2000, marks=pytest.mark.long)])
def test_any_history(tmp_path: Path, examples: int) -> None:
    with opened(tmp_path / "data.db") as store:
        store.run_sync(nothing_waits)

        @settings(max_examples=examples)
        @given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2)), min_size=15, max_size=40))
        def walk(steps: list[tuple[Step, int]]) -> None:
            with pytest.raises(Over):
                store.run_sync(lambda tx: live_through(History(tx), steps))

        walk()


class Over(Exception):
    """A history ended well; nothing of it is kept."""


def live_through(history: History, steps: list[tuple[Step, int]]) -> None:
    for step, number in steps:
        step(history, number)
        history.check()
    raise Over


@pytest.fixture
def empty(store: Store) -> Store:
    store.run_sync(nothing_waits)
    return store


def nothing_waits(tx: Tx) -> None:
    """Without the practitioner, who waits in every new vault."""
    tx.execute("DELETE FROM outbox")


@pytest.fixture
def touched(empty: Store) -> Store:
    empty.run_sync(lambda tx: outbox.touch(tx, KIND, "a", NOW))
    return empty


def only(store: Store) -> OutboxItem:
    (found,) = store.run_sync(outbox.all)
    return found


def test_a_new_item_waits(touched: Store) -> None:
    assert only(touched) == OutboxItem(KIND, "a", 1, 0, "", Delivery.WAITING, "", NOW)
    assert touched.run_sync(outbox.counts) == dict.fromkeys(Delivery, 0) | {Delivery.WAITING: 1}


def test_an_item_that_changed_while_it_was_sent_waits_with_the_new_etag(touched: Store) -> None:
    touched.run_sync(lambda tx: outbox.touch(tx, KIND, "a", LATER))
    touched.run_sync(lambda tx: outbox.accept(tx, KIND, "a", 1, "W/1"))
    assert only(touched) == OutboxItem(KIND, "a", 2, 1, "W/1", Delivery.WAITING, "", LATER)


def test_an_older_answer_that_comes_last_takes_nothing_back(touched: Store) -> None:
    touched.run_sync(lambda tx: outbox.touch(tx, KIND, "a", LATER))
    touched.run_sync(lambda tx: outbox.accept(tx, KIND, "a", 2, "W/2"))
    touched.run_sync(lambda tx: outbox.accept(tx, KIND, "a", 1, "W/1"))
    assert only(touched) == OutboxItem(KIND, "a", 2, 2, "W/2", Delivery.SENT, "", LATER)


def test_a_refusal_keeps_its_words_until_the_item_waits_again(touched: Store) -> None:
    touched.run_sync(lambda tx: outbox.refuse(tx, KIND, "a", 1, "x" * 1000))
    assert (only(touched).delivery, only(touched).words) == (Delivery.REFUSED, "x" * 500)
    touched.run_sync(lambda tx: outbox.retry(tx, KIND, "a"))
    assert (only(touched).delivery, only(touched).words) == (Delivery.WAITING, "")
    touched.run_sync(lambda tx: outbox.conflict(tx, KIND, "a", 1, outbox.Theirs("theirs")))
    touched.run_sync(lambda tx: outbox.touch(tx, KIND, "a", LATER))
    assert (only(touched).delivery, only(touched).words) == (Delivery.WAITING, "")


def test_a_late_refusal_does_not_take_back_an_acknowledgement(touched: Store) -> None:
    touched.run_sync(lambda tx: outbox.accept(tx, KIND, "a", 1, "W/1"))
    touched.run_sync(lambda tx: outbox.refuse(tx, KIND, "a", 1, "no"))
    touched.run_sync(lambda tx: outbox.retry(tx, KIND, "a"))
    assert only(touched).delivery is Delivery.SENT


def test_an_answer_to_nothing_is_an_error(touched: Store) -> None:
    with pytest.raises(Unknown):
        touched.run_sync(lambda tx: outbox.accept(tx, KIND, "b", 1, "W/1"))
    for version in (0, 2):
        with pytest.raises(ValueError, match="never made"):
            touched.run_sync(lambda tx, v=version: outbox.accept(tx, KIND, "a", v, "W/1"))


def test_the_schema_itself_refuses_an_untrue_sent(touched: Store) -> None:
    with pytest.raises(ValueError, match="CHECK"):
        touched.run_sync(lambda tx: tx.execute("UPDATE outbox SET delivery = 'sent'"))
    with pytest.raises(ValueError, match="CHECK"):
        touched.run_sync(lambda tx: tx.execute("UPDATE outbox SET sent_version = 2"))


def test_what_others_refer_to_comes_first(empty: Store) -> None:
    def touch(tx: object) -> None:
        for at, kind in (
            (NOW, Kind.RECORDING),
            (NOW, Kind.CONSENT),
            (LATER, Kind.INFANT),
            (NOW, Kind.CAREGIVER),
        ):
            outbox.touch(tx, kind, f"{kind}", at)
        outbox.touch(tx, Kind.INFANT, "earlier", NOW)

    empty.run_sync(touch)
    names = [item.id for item in empty.run_sync(lambda tx: outbox.waiting(tx, 4))]
    assert names == ["earlier", "infant", "caregiver", "consent"]
