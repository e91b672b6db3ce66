"""How long an acknowledgement takes: half a second of film appended and synced, against the bare disk."""

import os
from pathlib import Path

from benchmarks.figures import in_turn, seconds
from benchmarks.table import Row
from vigfield.seal import Key, Writer

FRAGMENT = 160_000  # half a second of 720p at 2.5 Mbit/s, and its sound
FACTOR, MORE_MS = 1.5, 5.0


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Rows on acknowledgement: the same bytes at the same time, in turn, to a film and to a plain file."""
    key = Key.random()
    writer = Writer.create(folder / "ack.part", key, b"acknowledged")
    key.wipe()
    fragment = os.urandom(FRAGMENT)
    with (folder / "bare").open("wb", buffering=0) as bare:

        def plain() -> None:
            bare.write(fragment)
            os.fdatasync(bare.fileno())

        def sealed() -> None:
            writer.append(fragment)
            writer.sync()

        found = in_turn(
            {"bare": lambda: seconds(plain), "ours": lambda: seconds(sealed)}, 60 if quick else 600
        )
    writer.finish(folder / "ack.film")
    ours, limit = found["ours"].scaled(1000), found["bare"].scaled(1000)
    return [
        Row(
            "acknowledge half a second of film, p50",
            f"{ours.median / limit.median:.2f} x: {ours.median:.1f} ms",
            f"write and fdatasync: {limit.median:.1f} ms",
        ),
        Row(
            f"the same, p99 of {len(ours.values)}",
            f"{ours.part(0.99):.1f} ms (worst {ours.worst:.1f})",
            f"{limit.part(0.99):.1f} ms (worst {limit.worst:.1f})",
            f"at most {FACTOR:g} x + {MORE_MS:g} ms",
            ours.part(0.99) <= FACTOR * limit.part(0.99) + MORE_MS,
        ),
    ]
