"""Ways to alter bytes: those for any bytes, for a sealed file and its tail, for boxes, and for JSON."""

import re
from collections.abc import Callable, Sequence
from random import Random

from tests.fuzz.case import Bases, Blob, Case

EDGES = (0, 1, 7, 8, 9, 15, 16, 17, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 50_000, 50_001, 8_000_000)
EDGES += (0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF, 1 << 32, (1 << 53) + 1, (1 << 63) - 1, 1 << 63)
EDGES += ((1 << 64) - 1, (1 << 64) - 16)
Change = Callable[[Random, bytes], bytes]


def altering(*changes: Sequence[Change], most: int = 3) -> Callable[[Random, Case], Case]:
    """An `alter` with a set of changes for each blob: one to `most` of them, all in all."""

    def alter(chance: Random, case: Case) -> Case:
        blobs = list(case)
        for _ in range(chance.randint(1, most)):
            which = chance.randrange(len(blobs))
            change = chance.choice(changes[which])
            blobs[which] = Blob(blobs[which].base, change(chance, blobs[which].data))
        return tuple(blobs)

    return alter


def place(chance: Random, data: bytes, edges: Sequence[int] = ()) -> int:
    """Somewhere in the bytes: at one of the edges, a little beside it, or anywhere."""
    inside = [edge for edge in edges if edge <= len(data)]
    at = chance.choice(inside) + chance.choice((-17, -16, -1, 0, 0, 0, 1, 15, 16)) if inside else 0
    if not inside or chance.random() < 0.3:
        at = chance.randrange(len(data) + 1)
    return min(max(at, 0), len(data))


def put(data: bytes, at: int, more: bytes) -> bytes:
    """Overwrite."""
    return data[:at] + more + data[at + len(more) :]


def flip(edges: Sequence[int]) -> Change:
    """One bit."""

    def change(chance: Random, data: bytes) -> bytes:
        at = min(place(chance, data, edges), len(data) - 1)
        return put(data, at, bytes([data[at] ^ 1 << chance.randrange(8)])) if data else data

    return change


def integer(edges: Sequence[int]) -> Change:
    """A number from the edges of what numbers can be."""

    def change(chance: Random, data: bytes) -> bytes:
        width = chance.choice((1, 2, 4, 4, 8))
        value = (chance.choice(EDGES) + chance.choice((-1, 0, 0, 1))) % (1 << 8 * width)
        return put(data, place(chance, data, edges), value.to_bytes(width))[: len(data)]

    return change


def cut(edges: Sequence[int]) -> Change:
    """The end is missing."""
    return lambda chance, data: data[: place(chance, data, edges)]


def longer(chance: Random, data: bytes) -> bytes:
    """Something behind."""
    size = chance.choice((1, 15, 16, 17, 4096, 65536))
    return data + chance.choice((bytes(size), chance.randbytes(size), data[:size], data[-size:]))


def zeroed(edges: Sequence[int]) -> Change:
    """A hole, as a lost write leaves it."""

    def change(chance: Random, data: bytes) -> bytes:
        at, size = place(chance, data, edges), chance.choice((1, 16, 512, 4096, 65536))
        return put(data, at, bytes(size))[: len(data)]

    return change


def moved(edges: Sequence[int]) -> Change:
    """A piece dropped, doubled, or put elsewhere."""

    def change(chance: Random, data: bytes) -> bytes:
        begin, stop = sorted((place(chance, data, edges), place(chance, data, edges)))
        without = data[:begin] + data[stop:]
        to = place(chance, without, edges)
        return chance.choice(
            (without, data[:stop] + data[begin:], without[:to] + data[begin:stop] + without[to:])
        )

    return change


def spliced(pool: Bases, edges: Sequence[int]) -> Change:
    """A piece taken from another of the true ones, at the same place or at another."""
    others = list(pool.values())

    def change(chance: Random, data: bytes) -> bytes:
        other = chance.choice(others)
        begin, stop = sorted((place(chance, other, edges), place(chance, other, edges)))
        return put(data, begin if chance.random() < 0.7 else place(chance, data, edges), other[begin:stop])

    return change


def replaced(pool: Bases) -> Change:
    """Another of the true ones."""
    others = list(pool.values())
    return lambda chance, data: chance.choice(others)


def swapped(size: int) -> Change:
    """Two blocks of this size in each other's place."""

    def change(chance: Random, data: bytes) -> bytes:
        blocks = [data[at : at + size] for at in range(0, len(data), size)]
        if len(blocks) > 1:
            one, other = chance.sample(range(len(blocks)), 2)
            blocks[one], blocks[other] = blocks[other], blocks[one]
        return b"".join(blocks)

    return change


def any_bytes(pool: Bases, edges: Sequence[int] = (0,)) -> list[Change]:
    """What can be done to any bytes."""
    changes = [flip(edges), integer(edges), cut(edges), zeroed(edges), moved(edges), spliced(pool, edges)]
    return [*changes, longer, replaced(pool)]


VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|\{\}|\[\]')
VALUES = (
    b"null", b"true", b"false", b"0", b"1", b"-1", b"2", b"1.5", b"1e999", b"NaN", b"-0", b'""', b'"x"',
    b"[]", b"{}",
    b"[" * 100_000, b"9" * 400, b"9" * 5000, b'"\\ud800"', b'"' + b"a" * 5000 + b'"', b'[[1, "x"]]',
    b'{"a": 1}', b"99999999999999999999", b"4294967296", b'"AAAA"', b'"passphrase"', b'"hello"', b'"end"',
)  # fmt: skip


def value(chance: Random, data: bytes) -> bytes:
    """One value or name of a JSON text becomes another."""
    found = list(VALUE.finditer(data))
    if not found:
        return chance.choice(VALUES)
    one = chance.choice(found)
    other = chance.choice(found)
    new = chance.choice((chance.choice(VALUES), other.group(), chance.choice(VALUES)))
    return data[: one.start()] + new + data[one.end() :]
