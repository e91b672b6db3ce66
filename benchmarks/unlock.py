"""How long an unlock takes at the cost that calibration finds here, and how much of it is Argon2id."""

import asyncio
import time
from pathlib import Path

from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw

from benchmarks.figures import Figures, in_turn, spread
from benchmarks.table import Row
from tests.app.kit import PASSPHRASE, WORDS
from vigfield.app import App, Door, Open
from vigfield.seal import Cost, calibrate


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """The row on unlocking: passphrase in, vault open, database and all."""
    cost = calibrate()
    vault = folder / "vault"
    asyncio.run(_once(vault))
    found = in_turn(
        {"argon2id": lambda: _argon2(cost), "unlock": lambda: asyncio.run(_once(vault))}, 2 if quick else 8
    )
    share = Figures(tuple(found["argon2id"].scaled(1 / found["unlock"].median).values))
    return [
        Row(
            "unlock: from the passphrase to an open vault",
            f"{spread(found['unlock'])} s",
            f"Argon2id ({cost.memory_kib // 1024} MiB, {cost.passes} passes) alone:"
            f" {spread(found['argon2id'])} s, {share.median:.0%} of it",
        )
    ]


def _argon2(cost: Cost) -> float:
    began = time.perf_counter()
    hash_secret_raw(
        PASSPHRASE.encode(), bytes(16), cost.passes, cost.memory_kib, cost.lanes, 32, Type.ID, ARGON2_VERSION
    )
    return time.perf_counter() - began


async def _once(vault: Path) -> float:
    """Open the vault, or make it; the seconds that took."""
    door = Door(vault, demo=False)
    app = App(door, WORDS, None)
    began = time.perf_counter()
    try:
        outcome = await (app.unlock(PASSPHRASE) if door.exists else app.create(PASSPHRASE))
        taken = time.perf_counter() - began
        assert isinstance(outcome, Open), outcome
        return taken
    finally:
        await app.close()
