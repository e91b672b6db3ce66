"""What waits, what is held back and why, and the log in one line; without a browser."""

from pathlib import Path

from tests.app.kit import Tablet
from tests.ui.test_duties import open_at, pictured
from tests.ui.test_screens import _until_text as until_text
from tests.ui.test_screens import on, tab
from vigfield import clock
from vigfield.app import Ended, Withheld
from vigfield.model import Delivery, Scope
from vigfield.store import Tx, outbox
from vigfield.ui import Host, places, servicewords, words


def test_what_is_held_back_says_why_in_both_lists(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.Sending())
            await pictured(one)
            await one.app.withdraw(one.family.id, None, frozenset({Scope.STILLS}))
            why = servicewords.HELD[Withheld.NO_PICTURES]
            await until_text(first, why)
            assert first.texts().count(why) == 1
            first.desk.go(places.LeavingPlace())
            await first.until("leaves-count")
            [kept_back] = [name for name in first.identifiers() if name.startswith("kept-back-")]
            assert first.text(kept_back) == why

    on(tmp_path, act)


def test_the_log_is_one_line_and_what_was_refused_of_it_can_be_tried_again(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.Sending())
            store = one.work.practice._store
            waiting = (await one.work.telling.log())[Delivery.WAITING]
            await first.until("log-stands")
            assert first.text("log-stands") == f"{waiting} waiting."
            assert [name for name in first.identifiers() if name.startswith("delivery-event")] == []

            def refuse(tx: Tx) -> None:
                entry = outbox.waiting(tx, 1000)[-1]
                outbox.refuse(tx, entry.kind, entry.id, entry.version, "no")

            await store.run(refuse)
            one.app.announce()
            await first.until("log-retry")
            await until_text(first, f"{waiting - 1} waiting, 1 refused.")
            assert first.text("log-stands") == f"{waiting - 1} waiting, 1 refused."
            await first.tap("log-retry")
            assert (await one.work.telling.log())[Delivery.REFUSED] == 0

    on(tmp_path, act)


def test_a_run_that_sent_only_the_log_says_so() -> None:
    now = clock.now()
    assert "nothing was waiting to be sent, but for the log." in words.last_run(Ended(now, 0, 0, 0, 0, 3))
    assert "2 held back" in words.last_run(Ended(now, 3, 0, 0, 2))
