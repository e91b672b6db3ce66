"""Ten thousand items that waited, sent in one run: against a bare loop that posts the same bundles.

The service is the reference service in a process of its own, with a fresh database for each turn.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import httpx

from benchmarks.figures import Figures, ratios, spread
from benchmarks.processes import resident
from benchmarks.table import Row
from tests.app.kit import CHEAP, PASSPHRASE, WORDS
from tests.store.examples import new_consent, new_family, new_session
from vigfield import clock
from vigfield.app import App, Door, Ended, Open, Work, door, leaving
from vigfield.model import Policy
from vigfield.process import run_smoothly
from vigfield.service import serve
from vigfield.store import Tx, consents, families, outbox, sessions
from vigfield.sync import Put
from vigfield.sync.plan import bundle, plan

MOST = 1_000_000
FAMILIES = 2_500  # each with an infant, a caregiver, a session, a consent, and what happened to them
GOAL = 0.7
ROUNDS = 4
TICK = 0.005  # seconds


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """The rows on a long queue."""
    return asyncio.run(_measure(folder, FAMILIES // 10 if quick else FAMILIES, 2 if quick else ROUNDS))


async def _measure(folder: Path, number: int, rounds: int) -> list[Row]:
    kept, door.calibrate = door.calibrate, lambda: CHEAP
    app = App(Door(folder / "vault", demo=False), WORDS, "http://127.0.0.1:1/fhir")
    run_smoothly()
    try:
        opened = await app.create(PASSPHRASE)
        assert isinstance(opened, Open)
        await asyncio.gather(*app._tasks)
        await opened.work.practice._store.run(lambda tx: _fill(tx, number))
        puts = await opened.work.practice._store.run(_puts)
        return await _rows(opened.work, folder, puts, rounds)
    finally:
        door.calibrate = kept
        await app.close()


async def _rows(work: Work, folder: Path, puts: tuple[Put, ...], rounds: int) -> list[Row]:
    items = len(puts)
    ours, bare, pauses, grown = [], [], [], []
    names = count()
    for turn in range(rounds):
        for mine in (True, False) if turn % 2 == 0 else (False, True):
            with _service(folder / f"service-{next(names)}.db") as base:
                if mine:
                    before = resident()
                    took, pause = await _ours(work, base, items)
                    ours.append(items / took)
                    pauses.append(pause * 1000)
                    grown.append(resident() - before)
                else:
                    bare.append(items / await _bare(puts, base))
        await work.practice._store.run(_again)
    ratio = ratios(Figures(tuple(ours)), Figures(tuple(bare)))
    return [
        Row(
            f"{items:,} waiting items are told",
            f"{spread(ratio)} x a bare loop: {Figures(tuple(ours)).median:.0f} a second",
            f"{spread(bare, 0)} a second",
            f"at least {GOAL:g} x",
            ratio.median >= GOAL,
        ),
        Row("the longest that the app stood still meanwhile", f"{spread(pauses, 0)} ms"),
        Row("memory more after a run than before it", f"{', '.join(f'{one:+.0f}' for one in grown)} MB"),
    ]


async def _ours(work: Work, base: str, items: int) -> tuple[float, float]:
    work.telling._enrolling._demo = base
    reach = work.enrolling.reach
    assert reach is not None
    assert (reach.base, reach.local) == (base, True)
    worst = 0.0

    async def tick() -> None:
        nonlocal worst
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            worst = max(worst, time.perf_counter() - began - TICK)

    ticking = asyncio.create_task(tick())
    began = time.perf_counter()
    ended = await work.telling.run()
    took = time.perf_counter() - began
    ticking.cancel()
    assert isinstance(ended, Ended)
    assert ended.sent + ended.logged == items
    return took, worst


async def _bare(puts: tuple[Put, ...], base: str) -> float:
    """Post the same bundles, one after another, and read no more of the answers than their status."""
    contents = [bundle(base, batch).encode() for batch in plan(puts)]
    headers = {"Content-Type": "application/fhir+json"}
    async with httpx.AsyncClient(trust_env=False) as client:
        began = time.perf_counter()
        for content in contents:
            answer = await client.post(base, content=content, headers=headers)
            assert answer.status_code == 200
        return time.perf_counter() - began


def _puts(tx: Tx) -> tuple[Put, ...]:
    return leaving.puts_of(tx, outbox.waiting(tx, MOST), Policy()).puts


def _fill(tx: Tx, number: int) -> None:
    now = clock.now()
    for place in range(number):
        family = new_family(f"SE-{place:05}", "Ailsa", "Zebulonia")
        session = new_session(family)
        families.add(tx, family, now)
        sessions.add(tx, session, now)
        consents.add(tx, new_consent(family), now)


def _again(tx: Tx) -> None:
    """Everything waits once more, as if it had never left."""
    tx.execute(
        """UPDATE outbox SET version = version + 1, sent_version = 0, etag = '', tried = 0,
            delivery = 'waiting'"""
    )


@contextmanager
def _service(path: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.draining", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(20)


async def _serve(path: Path) -> None:
    async with serve(path) as served:
        print(served.base, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
