"""The screens of a full record: 10,000 families and consents, 50,000 sessions, 5,000 films, 200,000 events.

Each figure is the server's own time for what a screen reads, everything in one vault on this disk. The limit
is that of the issue, 100 ms; beside it stands what an empty transaction takes in the same run.
"""

import asyncio
import json
import resource
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figures, spread
from benchmarks.table import Row
from tests.app.kit import CHEAP, PASSPHRASE, WORDS, consent_draft, family_of
from vigfield import clock
from vigfield.app import App, Door, Open, Work, door
from vigfield.store import Tx, families
from vigfield.store.columns import from_time
from vigfield.ui import months
from vigfield.ui.places import CalendarView

FAMILIES, SESSIONS, FILMS, EVENTS = 10_000, 50_000, 5_000, 200_000
LIMIT = 0.100
ROUNDS = 12
_NAMES = ("Ailsa", "Tamsin", "Sami", "Wren", "Ola", "Zoë", "Nguyễn", "Mòrag", "Ана", "Rowan")


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """The rows on the screens of a practitioner with very many families."""
    return asyncio.run(_measure(folder / "vault", 4 if quick else ROUNDS))


async def _measure(folder: Path, rounds: int) -> list[Row]:
    kept, door.calibrate = door.calibrate, lambda: CHEAP
    app = App(Door(folder, demo=False), WORDS, None)
    try:
        opened = await app.create(PASSPHRASE)
        assert isinstance(opened, Open)
        work, store = opened.work, opened.work.practice._store
        family, _ = await family_of(work)
        await work.consenting.give(consent_draft(family))
        await store.run(_fill)
        await store.run(families.learn_words)
        before = _memory()
        found = {name: await _timed(read, rounds) for name, read in _screens(work).items()}
        empty = await _timed(lambda: store.run(lambda _: None), rounds)
        return [*(_row(name, one, empty) for name, one in found.items()), _grown(before)]
    finally:
        door.calibrate = kept
        await app.close()


def _screens(work: Work) -> dict[str, Callable[[], Awaitable[object]]]:
    """What each screen asks for, as it asks."""
    today = clock.today()

    async def today_screen() -> None:
        await work.practice.outbox_counts()
        await work.people.count()
        await work.practice.clock_behind()
        await work.practice.day(today)
        await work.reminding.today(clock.now())

    def calendar(view: CalendarView) -> Callable[[], Awaitable[object]]:
        names = view is not CalendarView.MONTH
        return lambda: work.diary.between(*months.days(view, today), names=names)

    return {
        "search: one letter typed": lambda: work.people.find("t"),
        "search: a word that few have": lambda: work.people.find("nguyen 99"),
        "search: nothing typed": lambda: work.people.find(""),
        "Today": today_screen,
        "Calendar, a month": calendar(CalendarView.MONTH),
        "Calendar, a week": calendar(CalendarView.WEEK),
        "To be erased": work.keeping.queue,
    }


async def _timed(read: Callable[[], Awaitable[object]], rounds: int) -> Figures:
    await read()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        await read()
        taken.append(time.perf_counter() - began)
    return Figures(tuple(taken))


def _row(name: str, found: Figures, empty: Figures) -> Row:
    worst = max(found.values)
    return Row(
        f"{name}, with {FAMILIES:,} families and {SESSIONS:,} sessions",
        f"{spread(found.scaled(1000))} ms",
        f"an empty transaction: {spread(empty.scaled(1000))} ms",
        "each under 100 ms",
        worst < LIMIT,
    )


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _grown(before: int) -> Row:
    return Row(
        "memory that these screens took, at its highest",
        f"+{(_memory() - before) / 1024:.0f} MB",
        f"the process before: {before / 1024:.0f} MB",
    )


def _fill(tx: Tx) -> None:
    """Rows as the app writes them, by the thousand; four years of sessions around today."""
    now = from_time(clock.now())
    [like] = tx.all("SELECT * FROM consent LIMIT 1")
    [session] = tx.all("SELECT * FROM session LIMIT 1")
    for number in range(FAMILIES):
        id_, name = f"f{number:05}", _NAMES[number % len(_NAMES)]
        tx.insert("family", id=id_, code=f"SE-{number:05}", added=now)
        tx.insert("infant", id=f"i{number:05}", family=id_, name=f"{name} {number}", born="2026-01")
        caregiver = {"family": id_, "position": 0, "name": f"Quill {name}", "relationship": "mother"}
        tx.insert("caregiver", id=f"c{number:05}", **caregiver)
        people = json.dumps([f"i{number:05}", f"c{number:05}"])
        given = {"id": f"k{number:05}", "family": id_, "given_by": f"c{number:05}", "on_camera": people}
        tx.insert("consent", **{**like, **given, "valid_until": _day(number % 700 - 200)})
        tx.insert("event", at=now, kind="consent-signed", subject=f"k{number:05}", detail="{}")
    _sessions(tx, session)
    for number in range(EVENTS):
        id_, subject = f"e{number:06}", f"r{number % FILMS:05}"
        tx.insert("event", id=id_, at=now, kind="film-played", subject=subject, detail="{}")
        tx.insert("outbox", **_item("event", id_, clock.now()))


def _sessions(tx: Tx, like: object) -> None:
    assert isinstance(like, dict)
    begin = clock.now() - timedelta(days=1200)
    for number in range(SESSIONS):
        starts = begin + timedelta(minutes=number * 1400 * 24 * 60 // SESSIONS)
        family = f"f{number % FAMILIES:05}"
        status = "took-place" if starts < clock.now() else "booked"
        kind = "filming" if number // FAMILIES % 2 else "shared-review"
        about = {"id": f"s{number:05}", "family": family, "status": status, "kind": kind}
        tx.insert("session", **{**like, **about, "starts": from_time(starts), "uid": ""})
        tx.insert("outbox", **_item("session", f"s{number:05}", starts))
    film = {"width": 1280, "height": 720, "mime": "video/mp4", "delivered": 1, "encoded": 1, "dropped": 0}
    for number in range(FILMS):
        about = {
            "id": f"r{number:05}",
            "session": f"s{number:05}",
            "family": f"f{number:05}",
            "kind": "filming",
        }
        when = {"started": from_time(begin + timedelta(hours=number)), "state": "whole", "events": "[]"}
        key = {"consent": f"k{number:05}", "consent_version": 1, "wrapped_key": b"x" * 60}
        tx.insert("recording", **film, **about, **when, **key)


def _item(kind: str, id_: str, changed: datetime) -> dict[str, str | int]:
    sent = {"version": 1, "sent_version": 1, "etag": "1", "delivery": "sent", "words": ""}
    return {"kind": kind, "id": id_, "changed": from_time(changed), **sent}


def _day(ahead: int) -> str:
    return (clock.today() + timedelta(days=ahead)).isoformat()
