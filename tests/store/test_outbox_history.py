"""However edits, sendings, lost replies and late answers mix: "sent" is only what was acknowledged."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.store.examples import LATER, NOW, opened
from vigfield import clock
from vigfield.errors import Unknown
from vigfield.model import Delivery, Kind, OutboxItem
from vigfield.store import Store, outbox

KIND = Kind.SESSION


class History(RuleBasedStateMachine):
    """One item, a service that numbers what it stores, and replies that come late, twice or never."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.id = clock.new_id()
        self.edits = 0
        self.stored: list[int] = []  # at the service: the versions it took, in order
        self.replies: list[tuple[int, str]] = []  # on their way to us: version and etag
        self.acknowledged: list[tuple[int, str]] = []
        self.refused: set[int] = set()
        self.edit()

    @rule()
    def edit(self) -> None:
        self.edits += 1
        assert self.store.run_sync(lambda tx: outbox.touch(tx, KIND, self.id, NOW)) == self.edits

    @rule(lost=st.booleans(), twice=st.booleans())
    def send(self, lost: bool, twice: bool) -> None:
        waiting = [
            item for item in self.store.run_sync(lambda tx: outbox.waiting(tx, 10**6)) if self.is_it(item)
        ]
        for item in waiting:
            self.stored.append(item.version)
            if not lost:
                self.replies += [(item.version, f"W/{len(self.stored)}")] * (1 + twice)

    @rule(pick=st.randoms(use_true_random=False))
    def hear(self, pick: object) -> None:
        if self.replies:
            version, etag = self.replies.pop(pick.randrange(len(self.replies)))
            self.store.run_sync(lambda tx: outbox.accept(tx, KIND, self.id, version, etag))
            self.acknowledged.append((version, etag))

    @rule(back=st.integers(0, 3), verdict=st.sampled_from([outbox.refuse, outbox.conflict]))
    def be_refused(self, back: int, verdict: object) -> None:
        version = max(1, self.edits - back)
        self.store.run_sync(lambda tx: verdict(tx, KIND, self.id, version, "no"))
        self.refused.add(version)

    @rule()
    def retry(self) -> None:
        self.store.run_sync(lambda tx: outbox.retry(tx, KIND, self.id))

    @invariant()
    def sent_means_acknowledged(self) -> None:
        item = self.item()
        newest = max((version for version, _ in self.acknowledged), default=0)
        assert item.version == self.edits
        assert item.sent_version == newest <= max(self.stored, default=0)
        assert (item.delivery is Delivery.SENT) == (newest == item.version)
        if item.delivery in (Delivery.REFUSED, Delivery.CONFLICT):
            assert item.version in self.refused

    @invariant()
    def the_etag_is_of_the_newest_acknowledged_version(self) -> None:
        item = self.item()
        etags = [etag for version, etag in self.acknowledged if version == item.sent_version]
        assert item.etag == (etags[-1] if etags else "")

    @invariant()
    def it_is_counted_where_it_stands(self) -> None:
        item = self.item()
        waiting = any(self.is_it(one) for one in self.store.run_sync(lambda tx: outbox.waiting(tx, 10**6)))
        assert waiting == (item.delivery is Delivery.WAITING)
        assert self.store.run_sync(outbox.counts)[item.delivery] > 0

    def item(self) -> OutboxItem:
        found = self.store.run_sync(lambda tx: outbox.item(tx, KIND, self.id))
        assert found is not None
        return found

    def is_it(self, item: OutboxItem) -> bool:
        return (item.kind, item.id) == (KIND, self.id)


def test_any_history(tmp_path: Path) -> None:
    with opened(tmp_path / "data.db") as store:
        machine = type("Run", (History,), {"store": store})
        slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
        chosen = settings(max_examples=60, stateful_step_count=30, suppress_health_check=slow)
        run_state_machine_as_test(machine, settings=chosen)


@pytest.fixture
def touched(store: Store) -> Store:
    store.run_sync(lambda tx: outbox.touch(tx, KIND, "a", NOW))
    return store


def only(store: Store) -> OutboxItem:
    (found,) = store.run_sync(outbox.all)
    return found


def test_a_new_item_waits(touched: Store) -> None:
    assert only(touched) == OutboxItem(KIND, "a", 1, 0, "", Delivery.WAITING, "", NOW)
    assert touched.run_sync(outbox.counts) == {
        Delivery.WAITING: 1,
        Delivery.SENT: 0,
        Delivery.REFUSED: 0,
        Delivery.CONFLICT: 0,
    }


def test_an_item_that_changed_while_it_was_sent_waits_with_the_new_etag(touched: Store) -> None:
    touched.run_sync(lambda tx: outbox.touch(tx, KIND, "a", LATER))
    touched.run_sync(lambda tx: outbox.accept(tx, KIND, "a", 1, "W/1"))
    assert only(touched) == OutboxItem(KIND, "a", 2, 1, "W/1", Delivery.WAITING, "", LATER)


def test_a_refusal_keeps_its_words_until_the_item_waits_again(touched: Store) -> None:
    touched.run_sync(lambda tx: outbox.refuse(tx, KIND, "a", 1, "x" * 1000))
    assert (only(touched).delivery, only(touched).words) == (Delivery.REFUSED, "x" * 500)
    touched.run_sync(lambda tx: outbox.retry(tx, KIND, "a"))
    assert (only(touched).delivery, only(touched).words) == (Delivery.WAITING, "")
    touched.run_sync(lambda tx: outbox.conflict(tx, KIND, "a", 1, "theirs"))
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


def test_what_others_refer_to_comes_first(store: Store) -> None:
    def touch(tx: object) -> None:
        for at, kind in (
            (NOW, Kind.RECORDING),
            (NOW, Kind.CONSENT),
            (LATER, Kind.INFANT),
            (NOW, Kind.CAREGIVER),
        ):
            outbox.touch(tx, kind, f"{kind}", at)
        outbox.touch(tx, Kind.INFANT, "earlier", NOW)

    store.run_sync(touch)
    names = [item.id for item in store.run_sync(lambda tx: outbox.waiting(tx, 4))]
    assert names == ["earlier", "infant", "caregiver", "consent"]
